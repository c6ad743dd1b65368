// @ts-check
/** The canvas of the image that is encoded: its shape is dragged, or one draws on it. */
import { ImageCanvas } from "../controls/canvas.js";
import { element } from "../controls/elements.js";
import { Rest } from "../controls/frames.js";
import { moved, turned } from "./sprite.js";
import { InputImage } from "./input_image.js";
import { changeOfKey, tools } from "./sprite_tools.js";

/** @import { Image } from "../network/network.js" */
/** @import { Sprite } from "./sprite.js" */
/** @import { Change } from "./sprite_tools.js" */
/** @typedef {{changed: () => void, released: () => void}} Told */

export class InputPicture {
  image = new InputImage();
  /** @type {[number, number] | null} */
  pointer = null; // where it was, in pixels of the image, while it is down
  draws = false; // whether the pointer draws
  wheel = new Rest(() => this.told.released()); // the end of its turning

  /**
   * @param {Told} told
   * @param {AbortSignal} signal ends the listening
   */
  constructor(told, signal) {
    this.told = told;
    const label = { role: "application", "aria-label": "input image" };
    this.canvas = new ImageCanvas({ "data-testid": "input-canvas", tabindex: "0", ...label });
    this.node = element("div", { class: "input" });
    /** @type {<K extends keyof HTMLElementEventMap>(
     *   type: K, act: (event: HTMLElementEventMap[K]) => void) => void} */
    const on = (type, act) =>
      this.canvas.node.addEventListener(type, act, { signal, passive: type !== "wheel" });
    on("pointerdown", (event) => this.pressed(event));
    on("pointermove", (event) => this.pointer && this.dragged(this.at(event)));
    on("pointerup", () => this.letGo());
    on("pointercancel", () => this.letGo());
    on("wheel", (event) => {
      if (!this.image.sprite || !this.canvas.node.matches(":focus")) return; // the page scrolls
      event.preventDefault();
      this.apply((sprite) => turned(sprite, Math.sign(event.deltaY)));
      this.wheel.ask();
    });
    on("keydown", (event) => {
      const change = this.image.sprite && changeOfKey(event);
      if (!change) return;
      event.preventDefault(); // the page would scroll
      this.apply(change);
    });
    on("keyup", (event) => event.key !== "Tab" && told.released());
  }

  /**
   * @param {Image} shape
   * @param {ArrayLike<number>} bytes (C, H, W)
   * @param {Sprite | null} sprite if the image is one shape
   */
  take(shape, bytes, sprite) {
    this.image.take(shape, bytes, sprite);
    this.canvas.resize(shape[1], shape[2]);
    this.begin();
  }

  /** Shows the image that Python sent, and the pen is put away. */
  begin() {
    this.draws = false;
    const apply = (/** @type {Change} */ change) => this.changeTo(change);
    const pen = (/** @type {boolean} */ draws) => (this.draws = draws);
    const buttons = tools(this.image.sprite !== null, apply, pen);
    this.node.replaceChildren(this.canvas.node, buttons);
    this.show();
  }

  /** @param {Change} change that is complete */
  changeTo(change) {
    this.apply(change);
    this.told.released();
  }

  /** @param {Change} change */
  apply(change) {
    this.image.apply(change);
    this.show();
    this.told.changed();
  }

  /** @type {(event: MouseEvent) => [number, number]} in pixels of the image */
  at({ clientX, clientY }) {
    const box = this.canvas.node.getBoundingClientRect();
    const scale = this.image.shape[2] / box.width;
    return [(clientX - box.left) * scale, (clientY - box.top) * scale];
  }

  /** @param {PointerEvent} event */
  pressed(event) {
    this.canvas.node.setPointerCapture(event.pointerId);
    this.pointer = this.at(event);
    if (this.draws) this.dragged(this.pointer);
  }

  /** @param {[number, number]} to */
  dragged(to) {
    const [x, y] = this.pointer ?? to;
    this.pointer = to;
    if (!this.draws) return this.apply((sprite) => moved(sprite, to[0] - x, to[1] - y));
    this.image.paint([x, y], to);
    this.show();
    this.told.changed();
  }

  letGo() {
    if (this.pointer) this.told.released();
    this.pointer = null;
  }

  show() {
    this.canvas.show(this.image.pixels, this.image.shape[0], 255);
  }
}
