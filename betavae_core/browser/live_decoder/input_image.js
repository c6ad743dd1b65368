// @ts-check
/** The image that is encoded, and what a visitor made of it. */
import { toChannelsLast } from "../network/channels_last.js";
import { drawSprite } from "./sprite.js";

/** @import { Image } from "../network/network.js" */
/** @import { Sprite } from "./sprite.js" */
/** @import { Change } from "./sprite_tools.js" */

const BRUSH = 2.2; // radius in pixels of the image

export class InputImage {
  changed = false; // whether this is no longer the image that Python sent
  /** @type {Float32Array} (H, W, C) in [0, 1] */
  pixels = new Float32Array(0);
  /** @type {Image} */
  shape = [1, 1, 1];
  /** @type {Sprite | null} */
  sprite = null; // null: the image is not one shape
  sent = { pixels: this.pixels, sprite: this.sprite }; // by Python

  /**
   * @param {Image} shape
   * @param {ArrayLike<number>} bytes (C, H, W)
   * @param {Sprite | null} sprite if the image is one shape
   */
  take(shape, bytes, sprite) {
    const pixels = toChannelsLast(shape)(bytes).map((byte) => byte / 255);
    this.shape = shape;
    this.sent = { pixels, sprite };
    this.restore();
  }

  /** Goes back to the image that Python sent. */
  restore() {
    this.pixels = this.sent.pixels.slice();
    this.sprite = this.sent.sprite;
    this.changed = false;
  }

  /** @param {InputImage} other whose image this becomes */
  copy(other) {
    this.pixels = other.pixels.slice();
    this.sprite = other.sprite;
    this.changed = other.changed;
  }

  /** @param {Change} change of the shape, if the image is one */
  apply(change) {
    if (!this.sprite) return;
    this.sprite = change(this.sprite);
    this.pixels = Float32Array.from(drawSprite(this.sprite), (byte) => byte / 255);
    this.changed = true;
  }

  /**
   * Makes the line between two places white, in pixels of the image.
   * @param {[number, number]} from
   * @param {[number, number]} to
   */
  paint([x1, y1], [x2, y2]) {
    const [dx, dy] = [x2 - x1, y2 - y1], length = Math.max(dx * dx + dy * dy, 1e-9);
    const [channels, height, width] = this.shape;
    for (let pixel = 0; pixel < height * width; pixel++) {
      const [row, column] = [Math.floor(pixel / width), pixel % width];
      const [px, py] = [column + 0.5 - x1, row + 0.5 - y1];
      const along = Math.min(Math.max((px * dx + py * dy) / length, 0), 1); // of the nearest point
      if (Math.hypot(px - along * dx, py - along * dy) > BRUSH) continue;
      this.pixels.fill(1, pixel * channels, (pixel + 1) * channels);
    }
    this.changed = true;
  }
}
