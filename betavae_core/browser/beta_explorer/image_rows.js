// @ts-check
/** Originals and their reconstructions, a canvas each; a few are drawn anew in each frame. */
import { ImageCanvas } from "../controls/canvas.js";
import { toChannelsLast } from "../network/channels_last.js";
import { element } from "../controls/elements.js";

/** @import { Model } from "../network/model.js" */
/** @import { Image } from "../network/network.js" */

const BUDGET = 20; // ms in a frame, so that the slider moves on

export class ImageRows {
  next = 0; // which image is drawn next
  left = 0; // images that do not show this β yet

  /**
   * @param {Image} shape
   * @param {ArrayLike<number>} bytes (N, C, H, W)
   */
  constructor(shape, bytes) {
    const size = shape[0] * shape[1] * shape[2], count = bytes.length / size;
    const flat = Uint8Array.from(bytes);
    this.channels = shape[0];
    this.images = Array.from({ length: count }, (_, n) =>
      toChannelsLast(shape)(flat.subarray(n * size, (n + 1) * size)).map((byte) => byte / 255));
    /** @type {(name: string) => ImageCanvas[]} */
    const canvases = (name) => this.images.map((_, n) => {
      const canvas = new ImageCanvas({ role: "img", "aria-label": `${name} ${n + 1}` });
      canvas.resize(shape[1], shape[2]);
      return canvas;
    });
    const originals = canvases("original");
    originals.forEach((canvas, n) => canvas.show(this.images[n], this.channels, 255));
    this.made = canvases("reconstruction");
    /** @type {(name: string, row: ImageCanvas[]) => HTMLElement} */
    const row = (name, shown) => element("div", { class: "images" },
      element("span", {}, name), element("div", {}, ...shown.map(({ node }) => node)));
    this.node = element("div", {}, row("original", originals), row("reconstruction", this.made));
  }

  /** All images are to be drawn anew. */
  stale() {
    this.left = this.images.length;
  }

  /**
   * Draws as many as a frame has time for.
   * @param {Model} model
   * @returns {boolean} whether some are left
   */
  draw(model) {
    const end = performance.now() + BUDGET;
    while (this.left > 0 && performance.now() < end) {
      const posterior = model.encode(this.images[this.next]);
      if (!posterior) return false;
      this.made[this.next].show(model.decode(posterior.mean), this.channels, 255);
      this.next = (this.next + 1) % this.images.length;
      this.left--;
    }
    return this.left > 0;
  }
}
