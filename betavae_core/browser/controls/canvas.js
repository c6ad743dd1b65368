// @ts-check
/** A canvas that shows one image after the other. */
import { element } from "./elements.js";
import { fillPixels } from "../network/pixels.js";

export class ImageCanvas {
  /** @param {Record<string, string>} attributes */
  constructor(attributes) {
    this.node = element("canvas", attributes);
    this.pixels = new ImageData(1, 1);
  }

  /**
   * @param {number} height
   * @param {number} width
   */
  resize(height, width) {
    Object.assign(this.node, { width, height });
    this.node.style.aspectRatio = `${width} / ${height}`;
    this.pixels = new ImageData(width, height);
  }

  /**
   * @param {ArrayLike<number>} image (H, W, C)
   * @param {number} channels 1 or 3
   * @param {number} scale 255 for numbers in [0, 1], 1 for bytes
   */
  show(image, channels, scale) {
    fillPixels(this.pixels.data, image, channels, scale);
    this.node.getContext("2d")?.putImageData(this.pixels, 0, 0);
  }
}
