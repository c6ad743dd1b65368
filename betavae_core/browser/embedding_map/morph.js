// @ts-check
/** A panel whose points move with β, between the positions at some values of β. */
import { BetaSlider } from "../controls/beta_slider.js";
import { NextFrame } from "../controls/frames.js";
import { between, placeAmong } from "../controls/over_beta.js";

/** @import { Point } from "./geometry.js" */
/** @import { Panel } from "./panel.js" */
/**
 * @typedef {object} MorphData
 * @property {number[]} betas ascending
 * @property {number[]} marks below the slider
 * @property {number} value of β at first
 * @property {Point[][]} places of the images at each β
 * @property {number[][]} lines which images each of them joins
 */

/**
 * @param {MorphData} data
 * @param {number} beta
 * @returns {Point[]} of the images
 */
export function placesAt({ betas, places }, beta) {
  const place = placeAmong(betas, beta);
  const along = (/** @type {number} */ n, /** @type {0 | 1} */ axis) =>
    between(places.map((each) => each[n][axis]), place);
  return places[0].map((_, n) => [along(n, 0), along(n, 1)]);
}

export class Morph {
  moving = new NextFrame(() => this.move());

  /**
   * @param {MorphData} data
   * @param {Panel} panel
   * @param {AbortSignal} signal ends the listening
   * @param {number} [beta] where β was left when the page ran before
   */
  constructor(data, panel, signal, beta = data.value) {
    this.data = data;
    this.panel = panel;
    this.beta = beta;
    const moved = (/** @type {number} */ to) => {
      this.beta = to;
      this.moving.ask();
    };
    this.slider = new BetaSlider({ moved, released: () => {} }, signal);
    this.slider.layOut({ low: data.betas[0], high: data.betas[data.betas.length - 1] }, data.marks);
    this.slider.show(beta);
    this.nodes = [this.slider.node];
    panel.svg.querySelector(".names")?.remove(); // they would not move with their paths
    this.move();
  }

  move() {
    this.panel.moveTo(placesAt(this.data, this.beta), this.data.lines);
    this.panel.svg.dataset.beta = String(this.beta);
  }
}
