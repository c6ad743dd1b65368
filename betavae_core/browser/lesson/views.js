// @ts-check
/** The live views of a lesson, each in the place of a still picture. */
import { BetaExplorer } from "../beta_explorer/beta_explorer.js";
import { EmbeddingMap } from "../embedding_map/embedding_map.js";
import { placed } from "../handout/placed.js";
import { LiveDecoder } from "../live_decoder/live_decoder.js";
import { bytesOf, openFile } from "../network/files.js";

/** @import { Settings as ExplorerSettings } from "../beta_explorer/beta_explorer.js" */
/** @import { MapData } from "../embedding_map/embedding_map.js" */
/** @import { Settings } from "../live_decoder/live_state.js" */
/** @import { Sprite } from "../live_decoder/sprite.js" */
/**
 * @typedef {{kind: "sliders", file: string, latents: number[], start: number[] | null,
 *   image: string | null, sprite: Sprite | null}} SlidersView
 * @typedef {{kind: "beta", file: string, images: string, settings: ExplorerSettings}} BetaView
 * @typedef {{kind: "map", map: MapData}} MapView
 */

/**
 * @param {HTMLElement} host
 * @param {SlidersView | BetaView | MapView} view
 */
export async function showView(host, view) {
  if (view.kind === "map") return showMap(host, view.map);
  const { metadata, tensor } = await openFile(view.file);
  const known = JSON.parse(metadata.live);
  if (view.kind === "beta") {
    const images = (await openFile(view.images)).tensor("images");
    new BetaExplorer(placed(host, "beta_explorer")).take({ ...known, ...view.settings },
      (name) => (name === "images" ? images : tensor(name)));
    return;
  }
  const start = view.start ?? known.start.map(() => 0), image = bytesOf(view.image ?? "");
  /** @type {Settings} */
  const settings = {
    ...known, start, initial: start, key: `view-${host.dataset.view}`, sprite: view.sprite,
    input: view.image !== null,
    rows: view.latents.map((latent) => known.rows.find(
      (/** @type {{latent: number}} */ row) => row.latent === latent)),
  };
  new LiveDecoder(placed(host, "live_decoder"))
    .take(settings, (name) => (name === "input" ? image : tensor(name)));
}

/**
 * @param {HTMLElement} host
 * @param {MapData} map
 */
function showMap(host, map) {
  const drawings = [...host.querySelectorAll("svg")].map((svg) => svg.innerHTML);
  const panels = map.panels.map((panel, n) => ({ ...panel, drawing: drawings[n] }));
  const root = placed(host, "embedding_map");
  new EmbeddingMap(root).update({ ...map, panels, chosen: null }, () => {});
}
