// @ts-check
/** A slider per latent, dragged, stepped by keys, and put back by a double click or Delete. */
import { element } from "../controls/elements.js";
import { SliderRow } from "./slider_row.js";

/** @import { Posterior } from "../network/model.js" */
/** @import { Row } from "./slider_row.js" */
/**
 * @typedef {object} Heard
 * @property {(latent: number, value: number) => void} moved at every step of a drag
 * @property {() => void} released when a pointer or a key lets go
 * @property {(latents?: number[]) => void} restored to the start, all or some
 * @property {() => void} resampled from the posterior
 */

export class Sliders {
  held = false; // an arrow key is down: its release counts, not each repeat
  /** @type {SliderRow[]} */
  rows = [];

  /**
   * @param {Heard} heard
   * @param {AbortSignal} signal ends the listening
   */
  constructor(heard, signal) {
    this.heard = heard;
    this.table = element("div", { class: "rows" });
    const reset = element("button", { type: "button" }, "Back to start");
    reset.addEventListener("click", () => heard.restored(), { signal });
    const title = "Code = mean + standard deviation \u00d7 random numbers";
    this.resample = element("button", { type: "button", title }, "Sample from the posterior");
    this.resample.addEventListener("click", () => heard.resampled(), { signal });
    this.node = element("div", { class: "sliders" }, this.table,
      element("div", { class: "buttons" }, reset, this.resample));
    /** @type {<K extends keyof HTMLElementEventMap>(
     *   type: K, act: (event: HTMLElementEventMap[K]) => void) => void} */
    const on = (type, act) => this.table.addEventListener(type, act, { signal });
    on("input", ({ target }) => {
      const input = /** @type {HTMLInputElement} */ (target);
      heard.moved(Number(input.dataset.latent), Number(input.value));
    });
    on("change", () => this.held || heard.released());
    on("keydown", (event) => {
      this.held = event.key !== "Tab";
      if (event.key === "Delete" || event.key === "Backspace") this.putBack(event);
    });
    on("keyup", () => this.keyReleased());
    on("focusout", () => this.keyReleased());
    on("dblclick", (event) => this.putBack(event));
  }

  /** @param {Event} event in the row of the latent that returns to its start */
  putBack({ target }) {
    const row = /** @type {Element} */ (target).closest("[data-row]");
    if (row) this.heard.restored([Number(row.getAttribute("data-row"))]);
  }

  /**
   * Draws the rows anew.
   * @param {Row[]} rows in display order
   * @param {number[]} start of every latent
   * @param {number} [top] the KL of a full bar, by default the largest
   */
  layOut(rows, start, top = Math.max(...rows.map((row) => row.kl ?? 0), 1e-9)) {
    const titles = ["latent", "drag to change", "value"].map((title) => element("span", {}, title));
    const kl = element("span", {}, "KL", element("span", { class: "in-nats" }, ", nats"));
    this.rows = rows.map((row) => new SliderRow(row, start[row.latent], top));
    this.table.classList.toggle("many", rows.length > 13);
    const head = element("div", { class: "head" }, ...titles, kl);
    this.table.replaceChildren(head, ...this.rows.map(({ node }) => node));
  }

  /**
   * @param {number[]} z
   * @param {number[]} start
   */
  show(z, start) {
    for (const row of this.rows) row.show(z[row.latent], start[row.latent]);
  }

  /** @param {Row[]} rows with other distributions of the codes, in the same order */
  showHills(rows) {
    this.rows.forEach((row, n) => row.showHill(rows[n].density));
  }

  /** @param {number[]} kl of every latent, in nats */
  showKl(kl) {
    for (const row of this.rows) row.showKl(kl[row.latent]);
  }

  /** @param {Posterior | null} posterior of the input; null: there is none */
  showPosterior(posterior) {
    this.table.classList.toggle("encoded", posterior !== null);
    this.resample.hidden = posterior === null;
    if (!posterior) return;
    const { mean, sd } = posterior;
    for (const row of this.rows) row.showPosterior(mean[row.latent], sd[row.latent]);
  }

  keyReleased() {
    if (this.held) this.heard.released();
    this.held = false;
  }
}
