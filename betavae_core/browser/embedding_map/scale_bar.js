// @ts-check
/** A scale bar and its length. */
import { element } from "../controls/elements.js";

/**
 * @param {{share: number, text: string}} bar share: of the panel's side
 */
export function scaleBar({ share, text }) {
  const line = element("i", { style: `--share: ${share}` });
  return element("div", { class: "scale" }, line, element("span", {}, text));
}
