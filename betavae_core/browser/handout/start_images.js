// @ts-check
/** The images to start from, as buttons, and two starts without an image. */
import { ImageCanvas } from "../controls/canvas.js";
import { element } from "../controls/elements.js";
import { normal } from "../live_decoder/normal.js";
import { toChannelsLast } from "../network/channels_last.js";

/** @import { Image } from "../network/network.js" */
/** @import { Sprite } from "../live_decoder/sprite.js" */
/** @import { Start } from "./side_by_side.js" */
/** @typedef {{images: Uint8Array, labels: string[], sprites: (Sprite | null)[]}} Offered */

export class StartImages {
  said = element("p", { class: "start", "aria-live": "polite" });

  /**
   * @param {Offered | null} offered null: the dataset is not here
   * @param {Image} shape
   * @param {number} latents at most
   * @param {(start: Start) => void} begin
   */
  constructor(offered, shape, latents, begin) {
    const size = shape[0] * shape[1] * shape[2];
    /** @type {(label: string, start: () => Start, shown: Node | string) => HTMLElement} */
    const button = (label, start, shown) => {
      const node = element("button", { type: "button", title: label, "aria-label": label }, shown);
      node.addEventListener("click", () => {
        this.say(label, node);
        begin(start());
      });
      return node;
    };
    this.images = (offered?.labels ?? []).map((label, number) => {
      const image = (offered?.images ?? []).slice(number * size, (number + 1) * size);
      const sprite = offered?.sprites[number];
      const canvas = new ImageCanvas({ "aria-hidden": "true" });
      canvas.resize(shape[1], shape[2]);
      canvas.show(toChannelsLast(shape)(image), shape[0], 1);
      return button(label, () => ({ image: Uint8Array.from(image), sprite, number }), canvas.node);
    });
    const code = (/** @type {() => number} */ value) =>
      ({ code: Array.from({ length: latents }, value) });
    this.node = element("div", { class: "starts" }, ...this.images,
      button("zero code (the prior's mean)", () => code(() => 0), "zero code"),
      button("a sample from the prior", () => code(normal), "prior sample"));
    this.say(offered?.labels[0] ?? "zero code (the prior's mean)", this.node.firstElementChild);
  }

  /**
   * @param {string} label
   * @param {Element | null} [chosen] button; null: another start
   */
  say(label, chosen = null) {
    this.said.textContent = `Start: ${label}.`;
    for (const each of this.node.children)
      each.setAttribute("aria-pressed", String(each === chosen));
  }
}
