// @ts-check
/** Between torch's order of an image (C, H, W) and the order used here (H, W, C): inner loops then
 * walk over adjacent numbers, and the result is in the order in which a canvas wants it. */

/** @import { Image } from "./network.js" */

/**
 * @param {Image} shape (C, H, W)
 * @returns {(x: ArrayLike<number>) => Float32Array} whose result it overwrites the next time
 */
export function toChannelsLast([channels, height, width]) {
  const area = height * width;
  const out = new Float32Array(channels * area);
  return (x) => {
    for (let c = 0; c < channels; c++) {
      for (let p = 0; p < area; p++) out[p * channels + c] = x[c * area + p];
    }
    return out;
  };
}

/**
 * @param {Image} shape (C, H, W)
 * @returns {(x: ArrayLike<number>) => Float32Array} whose result it overwrites the next time
 */
export function toChannelsFirst([channels, height, width]) {
  const area = height * width;
  const out = new Float32Array(channels * area);
  return (x) => {
    for (let c = 0; c < channels; c++) {
      for (let p = 0; p < area; p++) out[c * area + p] = x[p * channels + c];
    }
    return out;
  };
}
