// @ts-check
/** The groups' names and colours; pointing at one highlights it. */
import { element } from "../controls/elements.js";

/** @typedef {{name: string, colour: string}} Group */

/**
 * @param {Group[]} groups
 * @param {(name: string | null) => void} pointed null: at none
 * @param {AbortSignal} signal ends the listening
 * @returns {HTMLDivElement}
 */
export function legend(groups, pointed, signal) {
  const items = groups.map(({ name, colour }) => {
    const item = element("span", { tabindex: 0 }, name);
    item.style.setProperty("--colour", colour);
    for (const event of ["mouseenter", "focus"])
      item.addEventListener(event, () => pointed(name), { signal });
    for (const event of ["mouseleave", "blur"])
      item.addEventListener(event, () => pointed(null), { signal });
    return item;
  });
  return element("div", { class: "legend" }, ...items);
}
