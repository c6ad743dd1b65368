// @ts-check
/** The layer that makes an image of a smaller one. Images are (H, W, C) here. */
import { compact, list, multiply, packed, padded } from "./matrix.js";

/** @import { Image, Step } from "./network.js" */
/**
 * @typedef {object} Geometry
 * @property {Image} out
 * @property {[number, number]} kernel
 * @property {[number, number]} stride
 * @property {[number, number]} padding
 */

/**
 * Scatter form: an input pixel is one matrix-vector product to what it adds at every tap of the
 * kernel and output channel, which is then added where that tap lies in the output.
 * @param {Geometry} geometry
 * @param {ArrayLike<number>} weight (inputs, outputs, kernel height, kernel width)
 * @param {ArrayLike<number>} bias (outputs)
 * @param {Image} from the shape of what comes in
 * @returns {Step} whose result it overwrites the next time
 */
export function transposedConvolution(geometry, weight, bias, [inputs, height, width]) {
  const { out: [outputs, outHeight, outWidth], kernel: [kh, kw] } = geometry;
  const { stride: [sh, sw], padding: [ph, pw] } = geometry;
  const out = new Float32Array(outputs * outHeight * outWidth);
  const taps = kh * kw, rows = taps * outputs;
  const w = packed(rows, inputs, (r, i) => {
    return weight[(i * outputs + (r % outputs)) * taps + Math.floor(r / outputs)];
  });
  const listed = list(inputs);
  const none = new Float32Array(padded(rows)), added = new Float32Array(padded(rows));

  /**
   * @param {number} iy
   * @param {number} ix
   */
  function scatter(iy, ix) {
    for (let ky = 0; ky < kh; ky++) {
      const oy = iy * sh - ph + ky;
      if (oy < 0 || oy >= outHeight) continue;
      for (let kx = 0; kx < kw; kx++) {
        const ox = ix * sw - pw + kx;
        if (ox < 0 || ox >= outWidth) continue;
        const from = (ky * kw + kx) * outputs, to = (oy * outWidth + ox) * outputs;
        for (let o = 0; o < outputs; o++) out[to + o] += added[from + o];
      }
    }
  }

  return (image) => {
    for (let at = 0; at < out.length; at += outputs) out.set(bias, at);
    for (let iy = 0, from = 0; iy < height; iy++) {
      for (let ix = 0; ix < width; ix++, from += inputs) {
        multiply(w, inputs, listed, compact(image, from, inputs, listed), none, added);
        scatter(iy, ix);
      }
    }
    return out;
  };
}
