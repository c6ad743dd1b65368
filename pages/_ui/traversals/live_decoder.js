// @ts-check
/** Latent sliders with the decoder in the browser; Python sends one safetensors file. */
import { toChannelsLast } from "../javascript/channels_last.js";
import { buildDecoder } from "../javascript/decoder.js";
import { element } from "../javascript/elements.js";
import { NextFrame } from "../javascript/frames.js";
import { mounted } from "../javascript/mount.js";
import { readSafetensors } from "../javascript/safetensors.js";
import { Sliders } from "../javascript/sliders.js";
import { Picture } from "./picture.js";
import { Release } from "./release.js";

/** @import { Decode, Image, Layer } from "../javascript/decoder.js" */
/** @import { Tell } from "../javascript/mount.js" */
/** @import { Row } from "../javascript/slider_row.js" */
/** @import { Visit } from "./release.js" */
/**
 * @typedef {{layers: Layer[], rows: Row[], start: number[], initial: number[], image_shape: Image,
 *   digest: string, mode: "browser" | "server", note: string} & Visit} Settings
 */

class LiveDecoder {
  frames = 0;
  listeners = new AbortController();
  release = new Release();
  drawing = new NextFrame(() => this.draw());
  picture = new Picture();
  /** @type {number[]} */
  z = [];
  /** @type {Settings | null} */
  settings = null;
  /** @type {Decode | null} */
  decode = null; // null where Python draws
  /** @type {ArrayLike<number>} */
  image = []; // what Python drew
  /** @type {Tell} */
  tell = () => {};

  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.sliders = new Sliders({
      moved: (latent, value) => this.move(latent, value),
      released: () => this.released(),
      restored: (latents) => this.restore(latents),
    }, this.listeners.signal);
    root.replaceChildren(element("div", { class: "layout" }, this.picture.node, this.sliders.node));
  }

  /**
   * Takes in what Python sent; keeps the visitor's positions unless a new visit began.
   * @param {Uint8Array} file
   * @param {Tell} tell
   */
  update(file, tell) {
    const { metadata, tensor } = readSafetensors(file);
    /** @type {Settings} */
    const now = JSON.parse(metadata.live);
    const before = this.settings;
    Object.assign(this, { settings: now, tell });
    this.root.dataset.mode = now.mode;
    this.picture.note.textContent = now.note;
    const restarted = before?.visit !== now.visit || before.start.length !== now.start.length;
    if (restarted) this.z = this.release.begin(now, now.initial);
    if (before?.digest !== now.digest) {
      this.picture.resize(now.image_shape);
      this.decode = now.mode === "browser" ? buildDecoder(now.layers, tensor) : null;
      if (!this.decode) this.image = toChannelsLast(now.image_shape)(tensor("image"));
    }
    const other = restarted || JSON.stringify(before.rows) !== JSON.stringify(now.rows);
    if (other) this.sliders.layOut(now.rows, now.start);
    this.sliders.show(this.z, now.start);
    this.drawing.now();
  }

  /**
   * @param {number} latent
   * @param {number} value
   */
  move(latent, value) {
    this.z[latent] = value;
    this.sliders.show(this.z, this.settings?.start ?? []);
    if (this.decode) this.drawing.ask();
  }

  draw() {
    const begin = performance.now();
    const image = this.decode?.(this.z);
    const spent = performance.now() - begin;
    if (image) this.picture.showDecoded(image, spent);
    else this.picture.showReceived(this.image);
    const { dataset } = this.root;
    dataset.frames = String(++this.frames);
    dataset.decodeMs = spent.toFixed(2);
    dataset.ready = "true";
  }

  released() {
    const told = this.settings && this.release.tell(this.z, this.settings, this.tell);
    if (told && !this.decode) this.picture.showWaiting();
  }

  /** @param {Iterable<number>} [latents] that go back to the start */
  restore(latents = this.z.keys()) {
    const start = this.settings?.start ?? [];
    for (const latent of latents) this.z[latent] = start[latent];
    this.sliders.show(this.z, start);
    if (this.decode) this.drawing.now();
    this.released();
  }

  remove() {
    this.drawing.cancel();
    this.listeners.abort();
  }
}

export default mounted(".live-decoder", LiveDecoder);
