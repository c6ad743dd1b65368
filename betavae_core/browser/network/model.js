// @ts-check
/** A VAE in the browser: its encoder, its decoder, and the gates of both at one β. */
import { scaledBeta } from "./gate.js";
import { buildNetwork } from "./network.js";
import { sigmoid } from "./pointwise.js";

/** @import { BetaRange } from "./gate.js" */
/** @import { Image, Layer } from "./network.js" */
/** @import { Tensor } from "./safetensors.js" */
/** @typedef {{mean: Float32Array, sd: Float32Array}} Posterior of each latent */
/**
 * @typedef {object} ModelFile
 * @property {Layer[]} layers of the decoder
 * @property {Layer[]} encoder its layers; none if it stays on the server
 * @property {Image} image_shape
 * @property {BetaRange | null} range of β; null: an ordinary model
 */

export const ACTIVE = 0.1; // nats: a latent with more is in use

/** The KL in nats of a latent from the prior N(0, 1): ½ (μ² + σ² − 1 − log σ²).
 * @param {number} mean
 * @param {number} sd
 */
export const divergence = (mean, sd) => (mean * mean + sd * sd - 1) / 2 - Math.log(sd);

export class Model {
  /** @type {number | null} */
  beta = null;

  /**
   * @param {ModelFile} file
   * @param {Tensor} tensor
   */
  constructor(file, tensor) {
    this.range = file.range;
    this.decoder = buildNetwork(file.layers, [], tensor);
    this.encoder = file.encoder.length
      ? buildNetwork(file.encoder, file.image_shape, tensor)
      : null;
  }

  /** @param {number} beta of the range, at which to encode and decode from now on */
  at(beta) {
    if (this.range === null || this.beta === beta) return;
    this.beta = beta;
    const eta = scaledBeta(beta, this.range);
    this.decoder.at(eta);
    this.encoder?.at(eta);
  }

  /**
   * @param {ArrayLike<number>} image (H, W, C) in [0, 1]
   * @returns {Posterior | null} null if the encoder is not here
   */
  encode(image) {
    if (!this.encoder) return null;
    const both = this.encoder.run(image), latents = both.length / 2;
    return {
      mean: both.slice(0, latents),
      sd: both.slice(latents).map((logVar) => Math.exp(logVar / 2)),
    };
  }

  /**
   * @param {ArrayLike<number>} z
   * @returns {Float32Array} the image (H, W, C) in [0, 1], overwritten the next time
   */
  decode(z) {
    return sigmoid(this.decoder.run(z));
  }
}
