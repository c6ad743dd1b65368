// @ts-check
/**
 * The KL of each latent as a bar; those that are not in use are faint, and of many latents those
 * that no β uses are only counted.
 */
import { element } from "../controls/elements.js";
import { ACTIVE } from "../network/model.js";

const MANY = 20; // latents

export class KlBars {
  /** @type {{latent: number, row: HTMLElement, bar: HTMLElement, nats: HTMLElement}[]} */
  rows = [];
  node = element("div", { class: "kl-bars" });

  /** @param {number[][]} kl of each latent at ascending β; the largest comes first */
  constructor(kl) {
    this.top = Math.max(...kl.flat(), 1e-9);
    const order = [...kl[0].keys()].sort((a, b) => kl[0][b] - kl[0][a]);
    const used = order.filter((latent) => kl.some((each) => each[latent] > ACTIVE));
    const rows = order.length > MANY ? used : order, unused = order.length - rows.length;
    this.rows = rows.map((latent) => {
      const bar = element("i"), nats = element("span", { class: "nats" });
      const row = element("div", { class: "latent" }, element("b", {}, `z${latent}`),
        element("span", { class: "bar" }, bar), nats);
      return { latent, row, bar, nats };
    });
    const sentence = `${unused} more latents are used at no \u03b2`;
    const rest = unused ? [element("small", {}, sentence)] : [];
    this.node.replaceChildren(...this.rows.map(({ row }) => row), ...rest);
  }

  /** @param {number[]} kl of each latent, in nats */
  show(kl) {
    for (const { latent, row, bar, nats } of this.rows) {
      bar.style.width = `${(100 * Math.max(kl[latent], 0)) / this.top}%`;
      nats.textContent = kl[latent].toFixed(2);
      row.classList.toggle("off", kl[latent] <= ACTIVE);
    }
  }
}
