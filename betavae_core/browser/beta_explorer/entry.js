// @ts-check
/** The explorer on a page of the dashboard, to which Python sends one safetensors file. */
import { mounted } from "../controls/mount.js";
import { readSafetensors } from "../network/safetensors.js";
import { BetaExplorer } from "./beta_explorer.js";

class OnPage extends BetaExplorer {
  text = ""; // of the settings that are shown

  /** @param {Uint8Array} file */
  update(file) {
    const { metadata, tensor } = readSafetensors(file);
    if (metadata.live === this.text) return; // nothing jumps while the page runs again
    this.text = metadata.live;
    this.take(JSON.parse(metadata.live), tensor);
  }
}

export default mounted(".beta-explorer", OnPage);
