// @ts-check
/** One latent's slider, with its value, its KL and where the dataset's codes lie. */
import { element } from "./elements.js";
import { hill } from "./hill.js";
import { rangeAround, signed } from "./slider_range.js";

/**
 * @typedef {object} Row what Python sends of it
 * @property {number} latent
 * @property {number | null} kl null: not computed
 * @property {boolean} active
 * @property {number} min
 * @property {number} max
 * @property {number[]} [density] of the dataset's codes, in even bins from min to max
 */

export class SliderRow {
  /** @type {number | undefined} */
  now = undefined;
  /** @type {number | undefined} */
  start = undefined;

  /**
   * @param {Row} row
   * @param {number} start
   * @param {number} top the largest KL of all rows
   */
  constructor({ latent, kl, active, density, ...row }, start, top) {
    const { min, max, share } = rangeAround(row.min, row.max, start);
    const [state, word] = active ? ["on", "used"] : ["off", "unused"];
    this.latent = latent;
    this.share = share;
    this.input = element("input", {
      type: "range", min, max, step: 0.01, "data-latent": latent,
      "aria-label": `latent z${latent} (${word})`,
    });
    this.value = element("output", { class: "value" });
    const width = `width: ${(100 * Math.max(kl ?? 0, 0)) / top}%`;
    const bar = element("span", { class: "bar" }, element("i", { style: width }));
    const hills = density ? [hill(density, share(row.min), share(row.max))] : [];
    const text = kl === null ? "not computed" : `${kl.toFixed(2)} nats`;
    this.node = element("div", { class: `row ${state}`, "data-row": latent },
      element("span", { class: "name" }, `z${latent}`, element("span", { class: "mark" }, word)),
      element("span", { class: "range", title: "Double-click to return to the start" },
        ...hills, element("span", { class: "tick" }), this.input),
      this.value,
      element("span", { class: "kl" }, bar, text));
    this.node.style.setProperty("--start", String(share(start)));
  }

  /**
   * Touches the row only if something changed: each touch costs a layout and a paint.
   * @param {number} now
   * @param {number} start
   */
  show(now, start) {
    if (this.now === now && this.start === start) return;
    Object.assign(this, { now, start });
    const { input, value, node, share } = this;
    // The slider that is being dragged has this value already and must not be disturbed.
    if (Number(input.value) !== now) input.value = String(now);
    value.textContent = signed(now);
    node.style.setProperty("--from", String(Math.min(share(start), share(now))));
    node.style.setProperty("--to", String(Math.max(share(start), share(now))));
  }
}
