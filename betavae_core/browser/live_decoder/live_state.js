// @ts-check
/** What the live sliders show: a model at a β, an input image and its posterior, a code. */
import { toChannelsLast } from "../network/channels_last.js";
import { Model } from "../network/model.js";
import { measuredAt } from "../controls/over_beta.js";
import { Position } from "./position.js";
import { Release } from "./release.js";

/** @import { ModelFile, Posterior } from "../network/model.js" */
/** @import { Tell } from "../controls/mount.js" */
/** @import { Measured } from "../controls/over_beta.js" */
/** @import { Tensor } from "../network/safetensors.js" */
/** @import { Row } from "./slider_row.js" */
/** @import { Sprite } from "./sprite.js" */
/** @import { InputImage } from "./input_image.js" */
/** @import { Visit } from "./release.js" */
/** @typedef {{value: number, marks: number[], measured: Measured | null}} Beta */
/**
 * @typedef {{rows: Row[], start: number[], initial: number[], digest: string, note: string,
 *   mode: "browser" | "server", beta: Beta | null, input: boolean, sprite: Sprite | null}
 *   & ModelFile & Visit} Settings
 */

export class LiveState {
  release = new Release();
  position = new Position();
  /** @type {Posterior | null} */
  posterior = null; // of the input; null: there is none, or the encoder is not here
  /** @type {number | null} */
  beta = null; // null: an ordinary model
  /** @type {Settings | null} */
  settings = null;
  /** @type {Model | null} */
  model = null; // null where Python draws
  /** @type {ArrayLike<number>} */
  drawn = []; // what Python drew
  /** @type {InputImage | null} */
  input = null; // null: nothing is encoded here

  /**
   * Takes in what Python sent.
   * @param {Settings} now
   * @param {Tensor} tensor
   * @returns {{other: boolean, restarted: boolean}} whether the model is another one, and whether
   *   the positions begin anew
   */
  take(now, tensor) {
    const before = this.settings;
    this.settings = now;
    const other = before?.digest !== now.digest;
    if (other) {
      this.model = now.mode === "browser" ? new Model(now, tensor) : null;
      if (!this.model) this.drawn = toChannelsLast(now.image_shape)(tensor("image"));
    }
    const restarted = before?.visit !== now.visit || before.start.length !== now.start.length;
    if (restarted) {
      const initial = { z: now.initial, beta: now.beta?.value ?? null };
      const { z, beta } = this.release.begin(now, initial);
      this.beta = beta;
      this.position.begin(z, now.start);
    }
    return { other, restarted };
  }

  /** Encodes the input at this β; the latents that the visitor left alone follow its mean. */
  encode() {
    const { settings, input, model } = this;
    if (this.beta !== null) model?.at(this.beta);
    this.posterior = input && model ? model.encode(input.pixels) : null;
    const { posterior } = this;
    const sent = settings && !input?.changed && (settings.beta?.value ?? null) === this.beta;
    // what Python sent is the same mean to the last digit; here it is right to 1e-3
    if (sent) this.position.follow(settings.start, posterior?.sd);
    else if (posterior) this.position.follow(posterior.mean, posterior.sd);
  }

  /** @returns {number[] | null} the KL of each latent at this β; null: there is only one */
  kl() {
    const measured = this.settings?.beta?.measured;
    return measured && this.beta !== null ? measuredAt(measured, this.beta).kl : null;
  }

  /** @returns {Float32Array | undefined} the image (H, W, C); undefined where Python draws */
  decode() {
    return this.model?.decode(this.position.z);
  }

  /**
   * @param {Tell} tell
   * @returns {boolean} whether there was anything to tell
   */
  tell(tell) {
    const now = { z: this.position.z, beta: this.beta };
    return this.settings !== null && this.release.tell(now, this.settings, tell);
  }

  /** @param {number[]} [latents] that go back to the start; by default all, and the input */
  restore(latents) {
    this.position.restore(latents ?? this.position.z.keys(), this.posterior?.sd);
    if (latents) return;
    this.input?.restore();
    this.encode();
  }
}
