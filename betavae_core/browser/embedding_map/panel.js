// @ts-check
/** One panel: Python's drawing, its texts, and two rings. */
import { element, svgElement } from "../controls/elements.js";
import { nearest, toDrawing, toScreen } from "./geometry.js";
import { scaleBar } from "./scale_bar.js";

/** @import { Point } from "./geometry.js" */
/**
 * @typedef {object} PanelData
 * @property {string} title
 * @property {string} note
 * @property {string} numbers
 * @property {string} drawing SVG elements, in which Python escaped every name
 * @property {Point[]} places of the images, in the drawing's units
 * @property {{share: number, text: string} | null} bar
 */

const REACH = 1 / 16; // of a panel's side: how near to an image the pointer must be
const RING = 1 / 40; // of a panel's side

export class Panel {
  /** @type {number | null} */
  chosen = null;

  /**
   * @param {PanelData} data
   * @param {number} side of the drawing, in its own units
   */
  constructor({ title, note, numbers, drawing, places, bar }, side) {
    this.side = side;
    this.places = places;
    this.svg = svgElement("svg", {
      viewBox: `0 0 ${side} ${side}`, tabindex: 0, role: "img",
      "aria-label": `${title}: ${places.length} images; arrow keys step through them` });
    this.svg.innerHTML = drawing;
    new ResizeObserver(() => this.measure()).observe(this.svg);
    this.ring = svgElement("circle", { r: RING * side, class: "ring" });
    this.held = svgElement("circle", { r: RING * side, class: "ring held" });
    this.svg.append(this.ring, this.held);
    this.node = element("figure", {},
      element("figcaption", {}, element("b", {}, title), " ", element("small", {}, note)),
      this.svg,
      ...(bar ? [scaleBar(bar)] : []),
      element("p", {}, numbers));
    this.point(null);
    this.hold(null);
  }

  /** Tells the style how many pixels a unit of the drawing has, for the height of its letters. */
  measure() {
    this.svg.style.setProperty("--scale", String(this.svg.getScreenCTM()?.a || 1));
  }

  /**
   * @param {MouseEvent} event
   * @returns {number | null} the image at the pointer
   */
  at({ clientX, clientY }) {
    const box = this.svg.getBoundingClientRect();
    const point = toDrawing(box, this.side, [clientX, clientY]);
    return nearest(this.places, point, REACH * this.side);
  }

  /**
   * @param {number} n which image
   * @returns {Point} where it is on the screen
   */
  onScreen(n) {
    return toScreen(this.svg.getBoundingClientRect(), this.side, this.places[n]);
  }

  /**
   * Moves the points, and the paths between them.
   * @param {Point[]} places of the images, in the drawing's units
   * @param {number[][]} lines which images each group of points shows, in the order of drawing
   */
  moveTo(places, lines) {
    this.places = places;
    this.svg.querySelectorAll(".points").forEach((group, line) => {
      const points = lines[line].map((n) => places[n]);
      group.querySelector("polyline")?.setAttribute("points", points.join(" "));
      group.querySelectorAll("circle").forEach((dot, k) => {
        dot.setAttribute("cx", points[k][0].toFixed(1));
        dot.setAttribute("cy", points[k][1].toFixed(1));
      });
    });
    this.hold(this.chosen);
  }

  /** @param {number | null} n the image that is pointed at */
  point(n) {
    move(this.ring, n === null ? null : this.places[n]);
  }

  /** @param {number | null} n the image that was chosen */
  hold(n) {
    this.chosen = n;
    move(this.held, n === null ? null : this.places[n]);
  }

  /** @param {string | null} name of the only group in full colour; null: all are */
  emphasise(name) {
    for (const node of this.svg.querySelectorAll("[data-group]"))
      node.classList.toggle("faint", name !== null && node.getAttribute("data-group") !== name);
  }
}

/**
 * @param {SVGCircleElement} circle
 * @param {Point | null} point null: nowhere
 */
function move(circle, point) {
  circle.style.display = point ? "" : "none";
  if (!point) return;
  circle.setAttribute("cx", String(point[0]));
  circle.setAttribute("cy", String(point[1]));
}
