// @ts-check
/** The images of a map, cut out of the picture that has them all. */

/** @import { Image as Shape } from "../network/network.js" */
/** @import { Pictures } from "../embedding_map/tip.js" */

/**
 * @param {Pictures} pictures
 * @param {Shape} shape of an image
 * @param {number} n which image
 * @returns {Promise<Uint8Array>} (C, H, W)
 */
export async function imageOf({ sprite, tile, columns }, [channels, height, width], n) {
  const picture = new Image();
  picture.src = sprite;
  await picture.decode();
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  const drawing = canvas.getContext("2d");
  if (!drawing) throw new Error("The browser draws no pictures here.");
  drawing.drawImage(picture, -(n % columns) * tile, -Math.floor(n / columns) * tile);
  const { data } = drawing.getImageData(0, 0, width, height);
  const area = height * width;
  return Uint8Array.from({ length: channels * area }, (_, at) =>
    data[4 * (at % area) + Math.floor(at / area)]);
}
