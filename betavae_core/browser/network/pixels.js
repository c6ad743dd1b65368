// @ts-check
/** Images as a canvas wants them: four bytes a pixel. */

/**
 * @param {Uint8ClampedArray} data (H, W, 4), which rounds by itself
 * @param {ArrayLike<number>} image (H, W, C)
 * @param {number} channels 1 or 3
 * @param {number} scale 255 for numbers in [0, 1], 1 for bytes
 */
export function fillPixels(data, image, channels, scale) {
  const [green, blue] = channels === 1 ? [0, 0] : [1, 2];
  for (let from = 0, to = 0; to < data.length; from += channels, to += 4) {
    data[to] = scale * image[from];
    data[to + 1] = scale * image[from + green];
    data[to + 2] = scale * image[from + blue];
    data[to + 3] = 255;
  }
}
