// @ts-check
/** Where the dataset's codes lie along a slider. */
import { svgElement } from "../controls/elements.js";

/**
 * @param {number[]} density in even bins from low to high
 * @returns {string} the outline of its bars, one wide each and at most one high
 */
export function outline(density) {
  const top = density.map((share, bin) => `L${bin} ${1 - share}L${bin + 1} ${1 - share}`).join("");
  return `M0 1${top}L${density.length} 1Z`;
}

/**
 * @param {number[]} density
 * @param {number} from of the slider's length, where it begins
 * @param {number} to of the slider's length, where it ends
 * @returns {SVGSVGElement}
 */
export function hill(density, from, to) {
  const viewBox = `0 0 ${density.length} 1`;
  const path = svgElement("path", { d: outline(density) });
  const svg = svgElement("svg", { viewBox, preserveAspectRatio: "none", class: "hill" }, path);
  svg.style.setProperty("--from", String(from));
  svg.style.setProperty("--to", String(to));
  return svg;
}
