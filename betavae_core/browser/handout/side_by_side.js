// @ts-check
/** The sliders of all runs, which start from the same image and encode the same input. */
import { toChannelsLast } from "../network/channels_last.js";

/** @import { LiveDecoder } from "../live_decoder/live_decoder.js" */
/** @import { Settings } from "../live_decoder/live_state.js" */
/** @import { Sprite } from "../live_decoder/sprite.js" */
/** @import { Tensor } from "../network/safetensors.js" */
/**
 * @typedef {object} Start
 * @property {Uint8Array} [image] (C, H, W), which is encoded
 * @property {Sprite | null} [sprite] if the image is one shape
 * @property {number} [number] of a start image, whose codes Python sent
 * @property {number[]} [code] without an image; runs with fewer latents take its beginning
 */
/** @typedef {Settings & {codes: number[][]}} RunSettings */
/** @typedef {{live: LiveDecoder, settings: RunSettings, tensor: Tensor}} One */

export class SideBySide {
  /** @type {One[]} */
  all = [];
  visit = 0;

  /**
   * @param {LiveDecoder} live
   * @param {RunSettings} settings of the first start
   * @param {Tensor} tensor
   */
  add(live, settings, tensor) {
    this.all.push({ live, settings, tensor });
    const { told } = live.view.input;
    const changed = () => {
      told.changed();
      this.share(live);
    };
    live.view.input.told = { ...told, changed };
    live.take(settings, tensor);
  }

  /** @param {LiveDecoder} from whose input all others encode from now on */
  share(from) {
    for (const { live } of this.all) {
      if (live === from || !live.state.input) continue;
      live.view.input.image.copy(from.view.input.image);
      live.view.input.show();
      live.encoding.ask();
    }
  }

  /** @param {Start} start */
  begin(start) {
    const { image, sprite = null } = start;
    this.visit++;
    for (const { live, settings, tensor } of this.all) {
      const code = codeOf(live, settings, start);
      if (!code) continue; // it cannot encode here
      const value = live.state.beta ?? settings.beta?.value ?? 1;
      live.take({
        ...settings, start: code, initial: code, visit: this.visit, start_id: String(this.visit),
        input: image !== undefined, sprite, beta: settings.beta && { ...settings.beta, value },
      }, (name) => (name === "input" && image ? image : tensor(name)));
    }
  }
}

/**
 * The code at which the sliders of a run start: the one that Python sent, or the mean of the
 * posterior that the encoder finds here; null if there is neither.
 * @param {LiveDecoder} live
 * @param {RunSettings} settings
 * @param {Start} start
 * @returns {number[] | null}
 */
function codeOf({ state }, settings, { image, number, code }) {
  if (code) return code.slice(0, settings.start.length);
  if (number !== undefined && settings.codes.length) return settings.codes[number];
  if (!image || !settings.encoder.length) return null;
  const pixels = toChannelsLast(settings.image_shape)(image).map((byte) => byte / 255);
  return Array.from(state.model?.encode(pixels)?.mean ?? settings.start);
}
