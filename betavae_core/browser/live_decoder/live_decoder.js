// @ts-check
/** Latent sliders with the model in the browser. */
import { NextFrame } from "../controls/frames.js";
import { LiveState } from "./live_state.js";
import { LiveView } from "./live_view.js";

/** @import { Tell } from "../controls/mount.js" */
/** @import { Tensor } from "../network/safetensors.js" */
/** @import { Settings } from "./live_state.js" */

export class LiveDecoder {
  frames = 0;
  listeners = new AbortController();
  drawing = new NextFrame(() => this.draw());
  encoding = new NextFrame(() => this.encode());
  state = new LiveState();
  tell = /** @type {Tell} */ (() => {});

  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.view = new LiveView({
      moved: (latent, value) => this.move(latent, value),
      turned: (beta) => this.turn(beta),
      changed: () => this.encoding.ask(),
      released: () => this.released(),
      restored: (latents) => this.restore(latents),
      resampled: () => this.resample(),
    }, this.listeners.signal);
    root.replaceChildren(this.view.node);
  }

  /**
   * Takes in a model and a start; keeps the visitor's positions unless a new visit began.
   * @param {Settings} now
   * @param {Tensor} tensor
   */
  take(now, tensor) {
    const { state, view } = this;
    this.root.dataset.mode = now.mode;
    view.picture.note.textContent = now.note;
    const { other, restarted } = state.take(now, tensor);
    if (other) view.picture.resize(now.image_shape);
    if (restarted) view.begin(state, now, tensor);
    view.layOut(state, now);
    this.encode();
  }

  /** Encodes the input at this β and shows what comes of it. */
  encode() {
    this.state.encode();
    this.show();
  }

  show() {
    this.view.show(this.state);
    this.drawing.now();
  }

  /** @param {number} beta */
  turn(beta) {
    this.state.beta = beta;
    this.encoding.ask();
  }

  /**
   * @param {number} latent
   * @param {number} value
   */
  move(latent, value) {
    const { position, model } = this.state;
    position.move(latent, value);
    this.view.sliders.show(position.z, position.start);
    if (model) this.drawing.ask();
  }

  draw() {
    const begin = performance.now();
    const image = this.state.decode();
    const spent = performance.now() - begin;
    if (image) this.view.picture.showDecoded(image, spent);
    else this.view.picture.showReceived(this.state.drawn);
    const decodeMs = spent.toFixed(2);
    Object.assign(this.root.dataset, { frames: ++this.frames, decodeMs, ready: true });
  }

  released() {
    this.encoding.finish(); // Python hears of what is shown
    if (this.state.tell(this.tell) && !this.state.model) this.view.picture.showWaiting();
  }

  resample() {
    if (!this.state.posterior) return;
    this.state.position.resample(this.state.posterior.sd);
    this.show();
    this.released();
  }

  /** @param {number[]} [latents] that go back to the start; by default all, and the input */
  restore(latents) {
    this.state.restore(latents);
    if (!latents && this.state.input) this.view.input.begin();
    if (this.state.model) this.show();
    else this.view.show(this.state);
    this.released();
  }

  remove() {
    this.drawing.cancel();
    this.encoding.cancel();
    this.listeners.abort();
  }
}
