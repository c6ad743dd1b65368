// @ts-check
/** A slider for β, even in log β, with marks at some values. */
import { element } from "./elements.js";

/** @import { BetaRange } from "../network/gate.js" */
/** @typedef {{moved: (beta: number) => void, released: () => void}} Heard */

const STEPS = 200; // from end to end; three significant digits tell them apart

/** @param {number} beta */
export const betaText = (beta) => String(Number(beta.toPrecision(3)));

/**
 * The number shown at a share of the range of log β, 0 to 1.
 * @param {number} share
 * @param {BetaRange} range
 */
export function betaAt(share, { low, high }) {
  const beta = Number((low * (high / low) ** share).toPrecision(3));
  return Math.min(Math.max(beta, low), high);
}

/**
 * @param {number} beta
 * @param {BetaRange} range
 */
export const shareOf = (beta, { low, high }) => Math.log(beta / low) / Math.log(high / low);

export class BetaSlider {
  held = false; // a key is down: its release counts, not each repeat
  /** @type {BetaRange} */
  range = { low: 1, high: 1 };

  /**
   * @param {Heard} heard
   * @param {AbortSignal} signal ends the listening
   */
  constructor(heard, signal) {
    this.input = element("input", {
      type: "range", min: 0, max: STEPS, step: 1, "aria-label": "β", "data-testid": "beta",
    });
    this.value = element("output", { class: "beta-value" });
    this.marks = element("div", { class: "beta-marks", "aria-hidden": "true" });
    this.node = element("div", { class: "beta" },
      element("span", { class: "beta-name" }, "β"),
      element("div", { class: "beta-range" }, this.input, this.marks), this.value);
    /** @type {(type: string, act: (event: Event) => void) => void} */
    const on = (type, act) => this.input.addEventListener(type, act, { signal });
    on("input", () => {
      const beta = betaAt(Number(this.input.value) / STEPS, this.range);
      this.write(beta);
      heard.moved(beta);
    });
    on("change", () => this.held || heard.released());
    on("keydown", (event) => {
      this.held = /** @type {KeyboardEvent} */ (event).key !== "Tab";
    });
    const letGo = () => {
      if (this.held) heard.released();
      this.held = false;
    };
    on("keyup", letGo);
    on("blur", letGo);
  }

  /**
   * @param {BetaRange} range
   * @param {number[]} marks
   */
  layOut(range, marks) {
    this.range = range;
    this.marks.replaceChildren(...marks.map((beta) => {
      const mark = element("span", {}, betaText(beta));
      mark.style.setProperty("--share", String(shareOf(beta, range)));
      return mark;
    }));
  }

  /** @param {number} beta */
  show(beta) {
    const place = String(Math.round(STEPS * shareOf(beta, this.range)));
    if (this.input.value !== place) this.input.value = place;
    this.write(beta);
  }

  /** @param {number} beta */
  write(beta) {
    const text = `β = ${betaText(beta)}`;
    this.value.textContent = text;
    this.input.setAttribute("aria-valuetext", text);
    this.node.style.setProperty("--at", String(shareOf(beta, this.range)));
  }
}
