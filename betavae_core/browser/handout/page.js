// @ts-check
/** The parts of a page to take home, with the files and settings in it. */
import { BetaExplorer } from "../beta_explorer/beta_explorer.js";
import { required } from "../controls/elements.js";
import { EmbeddingMap } from "../embedding_map/embedding_map.js";
import { LiveDecoder } from "../live_decoder/live_decoder.js";
import { openFile } from "../network/files.js";
import { imageOf } from "./map_images.js";
import { placed } from "./placed.js";
import { SideBySide } from "./side_by_side.js";
import { StartImages } from "./start_images.js";

/** @import { Settings as ExplorerSettings } from "../beta_explorer/beta_explorer.js" */
/** @import { MapData } from "../embedding_map/embedding_map.js" */
/** @import { Sprite } from "../live_decoder/sprite.js" */
/** @import { Tensor } from "../network/safetensors.js" */
/** @import { Offered } from "./start_images.js" */
/** @import { RunSettings } from "./side_by_side.js" */
/**
 * @typedef {object} PageData
 * @property {MapData[]} maps without drawings, which stand in the page as still pictures
 * @property {string} sprite of all maps
 * @property {(Sprite | null)[]} sprites of the images of all maps
 * @property {{run: number, settings: ExplorerSettings}[]} explorers
 */

/** @type {(name: string) => NodeListOf<HTMLElement>} of the parts of the page with this name */
const parts = (name) => document.querySelectorAll(`[data-part=${name}]`);

export class HandoutPage {
  runs = new SideBySide();
  /** @type {Map<number, {settings: RunSettings, tensor: Tensor}>} by the number of the run */
  files = new Map();
  /** @type {Offered | null} */
  offered = null;

  /** Shows the live components in the place of the still pictures. */
  async enliven() {
    /** @type {PageData} */
    const data = JSON.parse(required(document, "#data").textContent ?? "");
    if (document.querySelector("[data-file=starts]")) {
      const { metadata, tensor } = await openFile("starts");
      this.offered = { images: Uint8Array.from(tensor("images")), ...JSON.parse(metadata.live) };
    }
    for (const host of parts("live")) {
      const { metadata, tensor } = await openFile(`run-${host.dataset.run}`);
      this.files.set(Number(host.dataset.run), { settings: JSON.parse(metadata.live), tensor });
    }
    this.showRuns();
    parts("explorer").forEach((host, n) => this.showExplorer(host, data.explorers[n]));
    parts("map").forEach((host, n) => this.showMap(host, data, data.maps[n]));
  }

  showRuns() {
    for (const host of parts("live")) {
      const file = this.files.get(Number(host.dataset.run));
      if (!file) continue;
      const { settings, tensor } = file, live = new LiveDecoder(placed(host, "live_decoder"));
      const given = (/** @type {string} */ name) =>
        (name === "input" ? this.firstImage() : tensor(name));
      this.runs.add(live, settings, given);
    }
    const all = [...this.files.values()].map(({ settings }) => settings);
    for (const host of all.length ? parts("starts") : []) {
      const latents = Math.max(...all.map(({ start }) => start.length));
      this.starts = new StartImages(this.offered, all[0].image_shape, latents,
        (start) => this.runs.begin(start));
      host.replaceChildren(this.starts.node, this.starts.said);
    }
  }

  firstImage() {
    const images = this.offered?.images ?? new Uint8Array();
    return images.slice(0, images.length / (this.offered?.labels.length ?? 1));
  }

  /**
   * @param {HTMLElement} host
   * @param {{run: number, settings: ExplorerSettings}} explorer
   */
  showExplorer(host, { run, settings }) {
    const { offered } = this, file = this.files.get(run);
    if (!file || !offered) return;
    const both = { ...file.settings, ...settings };
    const explorer = new BetaExplorer(placed(host, "beta_explorer"));
    explorer.take(both, (name) => (name === "images" ? offered.images : file.tensor(name)));
  }

  /**
   * @param {HTMLElement} host
   * @param {PageData} data
   * @param {MapData} map
   */
  showMap(host, { sprite, sprites }, map) {
    const drawings = [...host.querySelectorAll("svg")].map((svg) => svg.innerHTML);
    const panels = map.panels.map((panel, n) => ({ ...panel, drawing: drawings[n] }));
    new EmbeddingMap(placed(host, "embedding_map")).update(
      { ...map, sprite, panels, chosen: null },
      async (_, chosen) => {
        const { image: n } = /** @type {{image: number}} */ (chosen);
        const encodes = [...this.files.values()].find(({ settings }) => settings.encoder.length);
        if (!this.starts || !encodes) return;
        const image = await imageOf({ ...map, sprite }, encodes.settings.image_shape, n);
        this.starts.say(map.labels[n].replaceAll("\n", ", "));
        this.runs.begin({ image, sprite: sprites[n] });
      },
    );
  }
}
