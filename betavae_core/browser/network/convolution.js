// @ts-check
/** The layer that makes a smaller image of an image. Images are (H, W, C) here. */
import { compact, list, multiply, packed, padded } from "./matrix.js";

/** @import { Image, Step } from "./network.js" */
/** @import { Geometry } from "./transposed_convolution.js" */

/**
 * Gather form: what lies under the kernel at an output pixel, times a matrix, is that pixel.
 * @param {Geometry} geometry
 * @param {ArrayLike<number>} weight (outputs, inputs, kernel height, kernel width)
 * @param {ArrayLike<number>} bias (outputs)
 * @param {Image} from the shape of what comes in
 * @returns {Step} whose result it overwrites the next time
 */
export function convolution(geometry, weight, bias, [inputs, height, width]) {
  const { out: [outputs, outHeight, outWidth], kernel: [kh, kw] } = geometry;
  const { stride: [sh, sw], padding: [ph, pw] } = geometry;
  const out = new Float32Array(outputs * outHeight * outWidth);
  const taps = kh * kw, n = taps * inputs, across = kw * inputs;
  const w = packed(outputs, n, (r, k) => {
    return weight[(r * inputs + (k % inputs)) * taps + Math.floor(k / inputs)];
  });
  const below = new Float32Array(n), listed = list(n);
  const start = new Float32Array(padded(outputs)), pixel = new Float32Array(padded(outputs));
  start.set(bias);

  /**
   * Copies what lies under the kernel; outside of the image there are zeros.
   * @param {Float32Array} image
   * @param {number} top
   * @param {number} left
   */
  function gather(image, top, left) {
    const first = Math.max(0, -left), last = Math.min(kw, width - left);
    for (let ky = 0; ky < kh; ky++) {
      const y = top + ky, to = ky * across;
      if (y < 0 || y >= height || first || last < kw) below.fill(0, to, to + across);
      if (y < 0 || y >= height || first >= last) continue;
      const from = (y * width + left) * inputs;
      for (let k = first * inputs; k < last * inputs; k++) below[to + k] = image[from + k];
    }
  }

  return (image) => {
    for (let oy = 0, to = 0; oy < outHeight; oy++) {
      for (let ox = 0; ox < outWidth; ox++, to += outputs) {
        gather(image, oy * sh - ph, ox * sw - pw);
        multiply(w, n, listed, compact(below, 0, n, listed), start, pixel);
        for (let o = 0; o < outputs; o++) out[to + o] = pixel[o];
      }
    }
    return out;
  };
}
