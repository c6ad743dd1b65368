// @ts-check
/** What can be done with the shape of an input image: by keys and by buttons. */
import { element } from "../controls/elements.js";
import { PIXEL, moved, resized, turned } from "./sprite.js";

/** @import { Sprite } from "./sprite.js" */
/** @typedef {(sprite: Sprite) => Sprite} Change */

const SHAPES = ["a square", "an ellipse", "a heart"];
const SPRITE_HELP = "Drag the shape to move it. After a click on the image: arrow keys move the " +
  "shape, comma and period or the mouse wheel turn it, + and \u2212 resize it, S changes it. " +
  "Changing the shape removes what was drawn.";
const DRAW_HELP = "Draw white lines on the image with the pointer.";
const PEN_HELP = "With the pen one can draw on the image.";

/** @type {Record<string, Change>} */
const KEYS = {
  ArrowLeft: (s) => moved(s, -PIXEL, 0), ArrowRight: (s) => moved(s, PIXEL, 0),
  ArrowUp: (s) => moved(s, 0, -PIXEL), ArrowDown: (s) => moved(s, 0, PIXEL),
  ",": (s) => turned(s, 1), ".": (s) => turned(s, -1),
  "+": (s) => resized(s, 1), "-": (s) => resized(s, -1),
  s: (s) => ({ ...s, shape: (s.shape + 1) % SHAPES.length }),
};

/**
 * @param {KeyboardEvent} event
 * @returns {Change | undefined}
 */
export function changeOfKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return undefined;
  return KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
}

/**
 * The buttons for an image, and one sentence of help.
 * @param {boolean} shaped whether the image is one shape
 * @param {(change: Change) => void} apply
 * @param {(draws: boolean) => void} draw whether the pointer draws from now on
 * @returns {HTMLElement}
 */
export function tools(shaped, apply, draw) {
  const help = element("p", { class: "help" }, shaped ? SPRITE_HELP : PEN_HELP);
  /** @type {(text: string, title: string, act: () => void) => HTMLElement} */
  const button = (text, title, act) => {
    const node = element("button", { type: "button", title, "aria-label": title }, text);
    node.addEventListener("click", act);
    return node;
  };
  /** @type {(text: string, title: string, change: Change) => HTMLElement} */
  const changing = (text, title, change) => button(text, title, () => apply(change));
  const shapes = ["\u25a0", "\u25cf", "\u2665"].map((sign, shape) =>
    changing(sign, `Change the shape to ${SHAPES[shape]}`, (sprite) => ({ ...sprite, shape })));
  const sizes = [
    changing("\u21ba", "Turn the shape left", KEYS[","]),
    changing("\u21bb", "Turn the shape right", KEYS["."]),
    changing("\u2212", "Make the shape smaller", KEYS["-"]),
    changing("+", "Make the shape larger", KEYS["+"]),
  ];
  const pen = button("\u270e", "Draw on the image", () => {
    const draws = pen.getAttribute("aria-pressed") !== "true";
    pen.setAttribute("aria-pressed", String(draws));
    help.textContent = draws ? DRAW_HELP : shaped ? SPRITE_HELP : PEN_HELP;
    draw(draws);
  });
  pen.setAttribute("aria-pressed", "false");
  const row = element("div", { class: "tools" }, ...(shaped ? [...shapes, ...sizes] : []), pen);
  return element("div", {}, element("b", {}, "input image"), row, help);
}
