// @ts-check
/** The parts that the visitor sees: the picture, the input image, β, a slider for each latent. */
import { BetaSlider } from "../controls/beta_slider.js";
import { element } from "../controls/elements.js";
import { Sliders } from "./sliders.js";
import { InputPicture } from "./input_picture.js";
import { Picture } from "./picture.js";

/** @import { Tensor } from "../network/safetensors.js" */
/** @import { LiveState, Settings } from "./live_state.js" */
/**
 * @typedef {object} Heard
 * @property {(latent: number, value: number) => void} moved
 * @property {(beta: number) => void} turned β
 * @property {() => void} changed the input image
 * @property {() => void} released
 * @property {(latents?: number[]) => void} restored
 * @property {() => void} resampled
 */

export class LiveView {
  picture = new Picture();
  rows = ""; // that are laid out

  /**
   * @param {Heard} heard
   * @param {AbortSignal} signal ends the listening
   */
  constructor(heard, signal) {
    this.sliders = new Sliders(heard, signal);
    this.betas = new BetaSlider({ moved: heard.turned, released: heard.released }, signal);
    this.input = new InputPicture(heard, signal);
    this.sliders.node.prepend(this.betas.node);
    this.picture.node.append(this.input.node);
    this.node = element("div", { class: "layout" }, this.picture.node, this.sliders.node);
  }

  /**
   * Where the positions begin anew: the input image and the slider of β, if there are any.
   * @param {LiveState} state
   * @param {Settings} now
   * @param {Tensor} tensor
   */
  begin(state, now, tensor) {
    const encoded = now.input && now.encoder.length > 0;
    this.input.node.hidden = !encoded;
    state.input = encoded ? this.input.image : null;
    if (encoded) this.input.take(now.image_shape, tensor("input"), now.sprite);
    this.betas.node.hidden = state.beta === null;
    if (now.range) this.betas.layOut(now.range, now.beta?.marks ?? []);
    if (state.beta !== null) this.betas.show(state.beta);
    this.rows = "";
  }

  /**
   * A slider for each latent, if they are not there yet.
   * @param {LiveState} state
   * @param {Settings} now
   */
  layOut(state, now) {
    const rows = JSON.stringify(now.rows.map((row) => ({ ...row, density: null })));
    const kl = now.beta?.measured?.kl.flat();
    if (rows !== this.rows)
      this.sliders.layOut(now.rows, state.position.start, kl && Math.max(...kl));
    else this.sliders.showHills(now.rows); // a slider that is held stays in the hand
    this.rows = rows;
  }

  /** @param {LiveState} state */
  show(state) {
    const kl = state.kl();
    if (kl) this.sliders.showKl(kl);
    this.sliders.showPosterior(state.posterior);
    this.sliders.show(state.position.z, state.position.start);
  }
}
