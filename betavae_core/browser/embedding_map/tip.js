// @ts-check
/** The image at the pointer, with its label. */
import { element } from "../controls/elements.js";
import { spriteOffset, tipCorner } from "./geometry.js";

/** @import { Point } from "./geometry.js" */
/**
 * @typedef {{sprite: string, tile: number, columns: number, labels: string[]}} Pictures
 *   all in one, with their side and how many are in a row
 */

const SHOWN = 96; // side of a picture, in pixels

export class Tip {
  /** @param {Pictures} pictures */
  constructor({ sprite, columns, labels }) {
    this.columns = columns;
    this.labels = labels;
    this.picture = element("i");
    this.picture.style.backgroundImage = `url(${sprite})`;
    this.picture.style.backgroundSize = `${columns * SHOWN}px auto`;
    this.text = element("span");
    this.node = element("div", { class: "tip" }, this.picture, this.text);
    this.node.hidden = true;
  }

  /**
   * @param {number} n which image
   * @param {DOMRect} outer what the tip stays in
   * @param {Point} place on the screen
   */
  show(n, outer, place) {
    const [right, down] = spriteOffset(n, this.columns, SHOWN);
    this.picture.style.backgroundPosition = `${right}px ${down}px`;
    this.text.textContent = this.labels[n];
    this.node.hidden = false;
    const [left, top] = tipCorner(outer, place, this.node.offsetWidth);
    this.node.style.left = `${left}px`;
    this.node.style.top = `${top}px`;
  }

  hide() {
    this.node.hidden = true;
  }
}
