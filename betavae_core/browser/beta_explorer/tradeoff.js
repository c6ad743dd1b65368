// @ts-check
/** Distortion against rate: a curve over β, dots of separate models, a point that moves along.
 * Drawn in the size that it has on the screen, its margins in heights of its letters. */
import { betaText } from "../controls/beta_slider.js";
import { svgElement } from "../controls/elements.js";
import { axisRange, roundNumbers, scale } from "./scale.js";

/** @import { Measured } from "../controls/over_beta.js" */
/** @typedef {{beta: number, rate: number, distortion: number}} Dot of a separate model */

const LEFT = 3.6, RIGHT = 1.2, TOP = 0.8, FOOT = 2.9; // around the axes, in heights of letters

/** @param {number[]} values */
const sum = (values) => values.reduce((total, value) => total + value, 0);

export class Tradeoff {
  point = svgElement("circle", { class: "now", r: 7 });
  now = { rate: 0, distortion: 0 };

  /**
   * @param {Measured} measured
   * @param {Dot[]} dots
   */
  constructor({ nll, kl }, dots) {
    this.curve = nll.map((distortion, n) => ({ rate: sum(kl[n]), distortion }));
    this.dots = dots;
    const label = { role: "img", "aria-label": "distortion against rate" };
    this.node = svgElement("svg", { class: "tradeoff", ...label });
    new ResizeObserver(() => this.draw()).observe(this.node);
  }

  draw() {
    const { width, height } = this.node.getBoundingClientRect();
    if (width === 0 || height === 0) return; // not on the page, or no longer
    const letter = parseFloat(getComputedStyle(this.node).fontSize);
    const all = [...this.curve, ...this.dots];
    const rates = axisRange([0, ...all.map(({ rate }) => rate)])[1];
    const [least, most] = axisRange(all.map(({ distortion }) => distortion));
    const left = LEFT * letter, right = width - RIGHT * letter;
    const top = TOP * letter, foot = height - FOOT * letter;
    const x = this.x = scale([0, rates], [left, right]);
    const y = this.y = scale([least, most], [foot, top]);
    const ticks = Math.min(5, (foot - top) / (2 * letter));
    const line = this.curve.map(({ rate, distortion }) => `${x(rate)},${y(distortion)}`).join(" ");
    const upwards = `translate(${0.9 * letter} ${(top + foot) / 2}) rotate(-90)`;
    this.node.replaceChildren(
      ...roundNumbers(0, rates, 5).flatMap((rate) => [
        svgElement("line", { x1: x(rate), x2: x(rate), y1: top, y2: foot, class: "grid" }),
        text([x(rate), foot + 1.1 * letter], short(rate), "middle")]),
      ...roundNumbers(least, most, ticks).flatMap((value) => [
        svgElement("line", { x1: left, x2: right, y1: y(value), y2: y(value), class: "grid" }),
        text([left - 0.4 * letter, y(value) + letter / 3], short(value), "end")]),
      text([(left + right) / 2, height - 0.4 * letter], "rate: KL, nats per image", "middle"),
      svgElement("text", { "text-anchor": "middle", transform: upwards },
        foot - top > 13 * letter ? "distortion: nats per image" : "distortion"),
      svgElement("polyline", { points: line, class: "curve" }),
      ...this.dots.flatMap(({ beta, rate, distortion }) => [
        svgElement("circle", { cx: x(rate), cy: y(distortion), r: 5, class: "separate" }),
        this.name(`\u03b2 = ${betaText(beta)}`, [x(rate), y(distortion)], right, letter)]),
      this.point);
    this.show(this.now.rate, this.now.distortion);
  }

  /**
   * The name of a dot: on its right, or left where there is no room.
   * @param {string} words
   * @param {[number, number]} place of the dot
   * @param {number} right the end of the axis
   * @param {number} letter
   */
  name(words, [x, y], right, letter) {
    const fits = x + 8 + 0.55 * letter * words.length < right + RIGHT * letter;
    return text([x + (fits ? 8 : -8), y - 7], words, fits ? "start" : "end");
  }

  /**
   * @param {number} rate
   * @param {number} distortion
   */
  show(rate, distortion) {
    this.now = { rate, distortion };
    if (!this.x || !this.y) return;
    this.point.setAttribute("cx", this.x(rate).toFixed(1));
    this.point.setAttribute("cy", this.y(distortion).toFixed(1));
  }
}

/** @param {number} value */
const short = (value) => String(Number(value.toPrecision(3)));

/**
 * @param {[number, number]} place
 * @param {string} words
 * @param {string} anchor
 */
const text = ([x, y], words, anchor) => svgElement("text", { x, y, "text-anchor": anchor }, words);
