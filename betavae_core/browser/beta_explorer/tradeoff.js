// @ts-check
/** Distortion against rate: a curve over β, dots of separate models, a point that moves along. */
import { betaText } from "../controls/beta_slider.js";
import { svgElement } from "../controls/elements.js";
import { roundNumbers, scale } from "./scale.js";

/** @import { Measured } from "../controls/over_beta.js" */
/** @typedef {{beta: number, rate: number, distortion: number}} Dot of a separate model */

const WIDTH = 440, HEIGHT = 300; // of the drawing, in its own units
const LEFT = 52, RIGHT = 16, TOP = 12, FOOT = 44; // around the axes

/** @param {number[]} values */
const sum = (values) => values.reduce((total, value) => total + value, 0);

export class Tradeoff {
  /**
   * @param {Measured} measured
   * @param {Dot[]} dots
   */
  constructor({ nll, kl }, dots) {
    const rates = [...kl.map(sum), ...dots.map((dot) => dot.rate)];
    const distortions = [...nll, ...dots.map((dot) => dot.distortion)];
    const [right, high] = [1.08 * Math.max(...rates), 1.08 * Math.max(...distortions)];
    this.x = scale([0, right], [LEFT, WIDTH - RIGHT]);
    this.y = scale([0, high], [HEIGHT - FOOT, TOP]);
    const line = nll.map((value, n) => `${this.x(sum(kl[n]))},${this.y(value)}`).join(" ");
    this.point = svgElement("circle", { class: "now", r: 7 });
    this.node = svgElement("svg", {
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "tradeoff", role: "img",
      "aria-label": "distortion against rate",
    },
    ...roundNumbers(0, right, 5).flatMap((rate) => this.across(rate)),
    ...roundNumbers(0, high, 5).flatMap((value) => this.up(value)),
    text([(LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6], "rate: KL, nats per image", "middle"),
    svgElement("text", { class: "title", "text-anchor": "middle",
      transform: `translate(13 ${(TOP + HEIGHT - FOOT) / 2}) rotate(-90)` },
    "distortion: nats per image"),
    svgElement("polyline", { points: line, class: "curve" }),
    ...dots.flatMap((dot) => this.dot(dot)), this.point);
  }

  /** @param {number} rate that is marked on the axis */
  across(rate) {
    const x = this.x(rate);
    return [
      svgElement("line", { x1: x, x2: x, y1: TOP, y2: HEIGHT - FOOT, class: "grid" }),
      text([x, HEIGHT - FOOT + 16], String(Number(rate.toPrecision(3))), "middle"),
    ];
  }

  /** @param {number} distortion that is marked on the axis */
  up(distortion) {
    const y = this.y(distortion);
    return [
      svgElement("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: y, y2: y, class: "grid" }),
      text([LEFT - 6, y + 4], String(Number(distortion.toPrecision(3))), "end"),
    ];
  }

  /** @param {Dot} dot */
  dot({ beta, rate, distortion }) {
    const [x, y] = [this.x(rate), this.y(distortion)];
    return [
      svgElement("circle", { cx: x, cy: y, r: 5, class: "separate" }),
      text([x + 8, y - 7], `\u03b2 = ${betaText(beta)}`, "start"),
    ];
  }

  /**
   * @param {number} rate
   * @param {number} distortion
   */
  show(rate, distortion) {
    this.point.setAttribute("cx", this.x(rate).toFixed(1));
    this.point.setAttribute("cy", this.y(distortion).toFixed(1));
  }
}

/**
 * @param {[number, number]} place
 * @param {string} words
 * @param {string} anchor
 */
function text([x, y], words, anchor) {
  return svgElement("text", { x, y, "text-anchor": anchor }, words);
}
