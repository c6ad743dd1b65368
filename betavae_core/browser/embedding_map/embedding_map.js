// @ts-check
/** Panels of the same images as points: pointing at a point shows its image and marks it in all
 * panels; a click reports it to Python. */
import { element } from "../controls/elements.js";
import { legend } from "./legend.js";
import { Morph } from "./morph.js";
import { Panel } from "./panel.js";
import { Tip } from "./tip.js";

/** @import { Tell } from "../controls/mount.js" */
/** @import { Group } from "./legend.js" */
/** @import { MorphData } from "./morph.js" */
/** @import { PanelData } from "./panel.js" */
/** @import { Pictures } from "./tip.js" */
/**
 * @typedef {{panels: PanelData[], groups: Group[], side: number, letter: number,
 *   chosen: number | null, key: string, beside?: boolean, morph?: MorphData} & Pictures} MapData
 *   beside: the panels' texts stand beside them, and the names in the panels are the legend
 */

export class EmbeddingMap {
  listeners = new AbortController();
  panels = /** @type {Panel[]} */ ([]);
  morph = /** @type {Morph | undefined} */ (undefined);
  tip = /** @type {Tip | null} */ (null);
  chosen = /** @type {number | null} */ (null);
  text = ""; // of what is shown
  key = "";
  tell = /** @type {Tell} */ (() => {});

  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
  }

  /**
   * @param {MapData} data
   * @param {Tell} tell
   */
  update(data, tell) {
    this.tell = tell;
    const text = JSON.stringify(data);
    if (text === this.text) return; // nothing jumps while the page runs again
    const { key, chosen } = data;
    Object.assign(this, { text, key, chosen });
    delete this.root.dataset.shown;
    this.panels = data.panels.map((panel) => new Panel(panel, data.side));
    for (const panel of this.panels) this.listen(panel);
    const among = data.beside ? "panels beside" : "panels";
    const row = element("div", { class: among }, ...this.panels.map(({ node }) => node));
    row.style.setProperty("--letter", `${data.letter * data.side}px`);
    this.tip = new Tip(data);
    const { signal } = this.listeners;
    const names = legend(data.groups, (name) => this.emphasise(name), signal);
    for (const panel of this.panels) panel.hold(chosen);
    const [panel] = this.panels;
    this.morph = data.morph && new Morph(data.morph, panel, signal, this.morph?.beta);
    const above = [...(this.morph?.nodes ?? []), ...(data.beside ? [] : [names])];
    this.root.replaceChildren(...above, row, this.tip.node);
    this.root.dataset.ready = "true";
  }

  /** @param {Panel} panel */
  listen(panel) {
    const [{ svg }, { signal }] = [panel, this.listeners];
    svg.addEventListener("pointermove", (e) => this.show(panel.at(e), panel), { signal });
    svg.addEventListener("pointerleave", () => this.leave(), { signal });
    svg.addEventListener("click", (e) => this.choose(panel.at(e)), { signal });
    svg.addEventListener("keydown", (e) => this.press(panel, e), { signal });
  }

  /** @param {string | null} name of a group; null: all */
  emphasise(name) {
    for (const panel of this.panels) panel.emphasise(name);
  }

  /**
   * @param {number | null} n which image
   * @param {Panel} panel that is pointed at
   */
  show(n, panel) {
    if (n === null) return this.leave();
    for (const each of this.panels) each.point(n);
    this.tip?.show(n, this.root.getBoundingClientRect(), panel.onScreen(n));
    this.root.dataset.shown = String(n);
  }

  leave() {
    for (const panel of this.panels) panel.point(null);
    this.tip?.hide();
  }

  /** @param {number | null} n which image */
  choose(n) {
    if (n === null || n === this.chosen) return;
    this.chosen = n;
    for (const panel of this.panels) panel.hold(n);
    this.tell("chosen", { image: n, of: this.key });
  }

  /**
   * @param {Panel} panel
   * @param {KeyboardEvent} event
   */
  press(panel, event) {
    const last = panel.places.length - 1;
    const now = Number(this.root.dataset.shown ?? -1);
    if (event.key === "ArrowRight") this.show(Math.min(now + 1, last), panel);
    else if (event.key === "ArrowLeft") this.show(Math.max(now - 1, 0), panel);
    else if (event.key === "Enter" && now >= 0) this.choose(now);
    else if (event.key === "Escape") this.leave();
    else return;
    event.preventDefault();
  }

  remove() {
    this.listeners.abort();
  }
}
