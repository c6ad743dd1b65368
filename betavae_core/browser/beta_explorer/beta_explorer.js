// @ts-check
/** One model for every β: reconstructions, KL and the trade-off while β is dragged. */
import { BetaSlider } from "../controls/beta_slider.js";
import { element } from "../controls/elements.js";
import { NextFrame } from "../controls/frames.js";
import { Model } from "../network/model.js";
import { measuredAt } from "../controls/over_beta.js";
import { ImageRows } from "./image_rows.js";
import { KlBars } from "./kl_bars.js";
import { Sweep } from "./sweep.js";
import { Tradeoff } from "./tradeoff.js";

/** @import { BetaRange } from "../network/gate.js" */
/** @import { ModelFile } from "../network/model.js" */
/** @import { Measured } from "../controls/over_beta.js" */
/** @import { Tensor } from "../network/safetensors.js" */
/** @import { Dot } from "./tradeoff.js" */
/** @typedef {{up_to: number, text: string}} Remark for β up to a value */
/**
 * @typedef {{range: BetaRange, digest: string, value: number, marks: number[], separate: Dot[],
 *   measured: Measured, remarks: Remark[]} & ModelFile} Settings
 */

export class BetaExplorer {
  frames = 0;
  listeners = new AbortController();
  drawing = new NextFrame(() => this.draw());
  sweep = new Sweep();
  remark = element("p", { class: "remark", "aria-live": "polite" });
  beta = 1;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    const { signal } = this.listeners;
    const moved = (/** @type {number} */ beta) => {
      this.stop();
      this.turn(beta);
    };
    this.slider = new BetaSlider({ moved, released: () => {} }, signal);
    this.play = element("button", { type: "button" }, "Sweep \u03b2");
    this.play.addEventListener("click", () => this.pressed(), { signal });
  }

  /**
   * @param {Settings} now
   * @param {Tensor} tensor
   */
  take(now, tensor) {
    this.settings = now;
    this.model = new Model(now, tensor);
    this.rows = new ImageRows(now.image_shape, tensor("images"));
    this.bars = new KlBars(now.measured.kl);
    this.chart = new Tradeoff(now.measured, now.separate);
    this.slider.layOut(now.range, now.marks);
    this.slider.show(now.value);
    const kl = element("div", {}, element("h2", {}, "KL of each latent, nats"), this.bars.node);
    const curve = element("div", {}, element("h2", {}, "The trade-off"), this.chart.node);
    this.root.replaceChildren(
      element("div", { class: "top" }, this.slider.node, this.play), this.rows.node, this.remark,
      element("div", { class: "below" }, kl, curve));
    this.turn(now.value);
  }

  /** @param {number} beta */
  turn(beta) {
    this.beta = beta;
    this.rows?.stale();
    this.drawing.ask();
  }

  draw() {
    const { settings, model, rows } = this;
    if (!settings || !model || !rows) return;
    const swept = this.sweep.at(settings.range, performance.now());
    if (swept !== null) this.go(swept);
    const { beta } = this;
    model.at(beta);
    const { kl, nll } = measuredAt(settings.measured, beta);
    this.bars?.show(kl);
    this.chart?.show(kl.reduce((total, each) => total + each, 0), nll);
    const remark = settings.remarks.find(({ up_to: end }) => beta <= end);
    if (remark && this.remark.textContent !== remark.text) this.remark.textContent = remark.text;
    const left = rows.draw(model);
    Object.assign(this.root.dataset, { frames: ++this.frames, ready: true, settled: !left });
    if (left || swept !== null) this.drawing.ask();
  }

  /** @param {number} beta of the sweep */
  go(beta) {
    this.beta = beta;
    this.slider.show(beta);
    this.rows?.stale();
  }

  /** Moves β to and fro by itself, or stops. */
  pressed() {
    if (this.sweep.since !== null || !this.settings) return this.stop();
    this.sweep.start(this.beta, this.settings.range, performance.now());
    this.play.textContent = "Stop";
    this.drawing.ask();
  }

  stop() {
    this.sweep.stop();
    this.play.textContent = "Sweep \u03b2";
  }

  remove() {
    this.stop();
    this.drawing.cancel();
    this.listeners.abort();
  }
}
