// @ts-check
/** The decoded image and, below it, where and how fast it was decoded. */
import { ImageCanvas } from "../controls/canvas.js";
import { element } from "../controls/elements.js";

/** @import { Image } from "../network/network.js" */

const TOLD_EVERY = 250; // ms: a number that changes with every frame can't be read

export class Picture {
  channels = 1;
  told = -Infinity; // when the status was last written

  constructor() {
    const label = { role: "img", "aria-label": "image decoded from the latent code" };
    this.canvas = new ImageCanvas({ "data-testid": "live-canvas", ...label });
    this.status = element("p", { class: "status" });
    this.note = element("p", { class: "note" });
    const ground = element("div", { class: "ground" }, this.canvas.node);
    this.node = element("div", { class: "picture" }, ground, this.status, this.note);
  }

  /** @param {Image} shape of the images to come */
  resize([channels, height, width]) {
    this.channels = channels;
    this.canvas.resize(height, width);
  }

  /**
   * @param {ArrayLike<number>} image (H, W, C) in [0, 1]
   * @param {number} spent ms on decoding it
   */
  showDecoded(image, spent) {
    this.canvas.show(image, this.channels, 255);
    const now = performance.now();
    if (now - this.told < TOLD_EVERY) return;
    this.told = now;
    const time = Math.max(1, Math.round(spent));
    this.status.textContent = `decoded in your browser \u00b7 ${time} ms`;
  }

  /** @param {ArrayLike<number>} image (H, W, C), bytes */
  showReceived(image) {
    this.canvas.show(image, this.channels, 1);
    this.status.textContent = "decoded on the server";
  }

  /** Until the next image comes. */
  showWaiting() {
    this.status.textContent = "decoding on the server \u2026";
  }
}
