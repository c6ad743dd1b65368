// @ts-check
/** One latent's slider, with its value, its KL and where the dataset's codes lie. */
import { element } from "../controls/elements.js";
import { ACTIVE } from "../network/model.js";
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
  told = ""; // what the row says of its KL

  /**
   * @param {Row} row
   * @param {number} start
   * @param {number} top the KL of a full bar
   */
  constructor({ latent, kl, active, density, ...row }, start, top) {
    const { min, max, share } = rangeAround(row.min, row.max, start);
    this.latent = latent;
    this.share = share;
    this.top = top;
    this.input = element("input", { type: "range", min, max, step: 0.01, "data-latent": latent });
    this.value = element("output", { class: "value" });
    this.bar = element("i");
    this.nats = element("span", { class: "nats" });
    this.unit = element("span", { class: "unit" }, " nats");
    this.mark = element("span", { class: "mark" });
    this.ends = [share(row.min), share(row.max)];
    this.hills = element("span");
    this.node = element("div", { class: "row", "data-row": latent },
      element("span", { class: "name" }, `z${latent}`, this.mark),
      element("span", { class: "range", title: "Double-click or Delete to return to the start" },
        this.hills, element("span", { class: "posterior" }), element("span", { class: "tick" }),
        this.input),
      this.value,
      element("span", { class: "kl" }, element("span", { class: "bar" }, this.bar),
        element("span", {}, this.nats, this.unit)));
    this.showKl(kl, active);
    this.showHill(density);
  }

  /** @param {number[]} [density] of the dataset's codes, in even bins from end to end */
  showHill(density) {
    const [low, high] = this.ends;
    this.hills.replaceChildren(...(density ? [hill(density, low, high)] : []));
  }

  /**
   * @param {number | null} kl in nats; null: not computed
   * @param {boolean} [active] whether the latent is in use; by default by its KL
   */
  showKl(kl, active = (kl ?? 0) > ACTIVE) {
    const text = kl === null ? "not computed" : kl.toFixed(2);
    if (this.told === `${text} ${active}`) return;
    this.told = `${text} ${active}`;
    const [state, word] = active ? ["on", "used"] : ["off", "unused"];
    this.nats.textContent = text;
    this.unit.hidden = kl === null;
    this.bar.style.width = `${(100 * Math.max(kl ?? 0, 0)) / this.top}%`;
    if (this.mark.textContent === word) return;
    this.mark.textContent = word;
    this.node.className = `row ${state}`;
    this.input.setAttribute("aria-label", `latent z${this.latent} (${word})`);
  }

  /**
   * The posterior of the input as a band from μ − σ to μ + σ.
   * @param {number} mean
   * @param {number} sd
   */
  showPosterior(mean, sd) {
    const inside = (/** @type {number} */ value) => Math.min(Math.max(this.share(value), 0), 1);
    this.node.style.setProperty("--low", inside(mean - sd).toFixed(4));
    this.node.style.setProperty("--high", inside(mean + sd).toFixed(4));
    this.node.dataset.posterior = `${mean.toFixed(4)} ${sd.toFixed(4)}`;
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
    node.style.setProperty("--start", String(share(start)));
    // The slider that is being dragged has this value already and must not be disturbed.
    if (Number(input.value) !== now) input.value = String(now);
    value.textContent = signed(now);
    node.style.setProperty("--from", String(Math.min(share(start), share(now))));
    node.style.setProperty("--to", String(Math.max(share(start), share(now))));
  }
}
