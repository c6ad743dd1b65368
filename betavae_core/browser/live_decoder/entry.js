// @ts-check
/** The sliders on a page of the dashboard, to which Python sends one safetensors file. */
import { mounted } from "../controls/mount.js";
import { readSafetensors } from "../network/safetensors.js";
import { LiveDecoder } from "./live_decoder.js";

/** @import { Tell } from "../controls/mount.js" */

class OnPage extends LiveDecoder {
  /**
   * @param {Uint8Array} file
   * @param {Tell} tell
   */
  update(file, tell) {
    const { metadata, tensor } = readSafetensors(file);
    this.tell = tell;
    this.take(JSON.parse(metadata.live), tensor);
  }
}

export default mounted(".live-decoder", OnPage);
