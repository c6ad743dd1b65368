// @ts-check
/** Positions on the screen, in a panel's drawing, and in the sprite of all images. */

/** @typedef {[x: number, y: number]} Point */
/** @typedef {{left: number, top: number, width: number}} Box on the screen */

/**
 * @param {Box} box of the drawing
 * @param {number} side of the drawing, in its own units
 * @param {Point} screen
 * @returns {Point} in the drawing's units
 */
export function toDrawing(box, side, [x, y]) {
  const scale = side / box.width;
  return [(x - box.left) * scale, (y - box.top) * scale];
}

/**
 * @param {Box} box of the drawing
 * @param {number} side of the drawing, in its own units
 * @param {Point} place in the drawing's units
 * @returns {Point} on the screen
 */
export function toScreen(box, side, [x, y]) {
  const scale = box.width / side;
  return [box.left + x * scale, box.top + y * scale];
}

/**
 * @param {Point[]} places
 * @param {Point} point
 * @param {number} reach how far away it may be
 * @returns {number | null} which of the places; of equally near ones the first
 */
export function nearest(places, [x, y], reach) {
  let best = null;
  let least = reach ** 2;
  places.forEach(([px, py], n) => {
    const distance = (px - x) ** 2 + (py - y) ** 2;
    if (distance < least) [best, least] = [n, distance];
  });
  return best;
}

/**
 * @param {number} n which image
 * @param {number} columns of the sprite
 * @param {number} size that an image is shown at
 * @returns {Point} where the sprite must be for the image to be at (0, 0)
 */
export const spriteOffset = (n, columns, size) => [
  -(n % columns) * size || 0, // not -0
  -Math.floor(n / columns) * size || 0,
];

/**
 * Beside a place, on the side where there is room.
 * @param {Box} outer what the tip must stay in
 * @param {Point} place on the screen
 * @param {number} width of the tip
 * @returns {Point} of its upper left corner, from that of the outer box
 */
export function tipCorner(outer, [x, y], width) {
  const [across, down] = [x - outer.left, y - outer.top - 40];
  const right = across + 14;
  return [right + 240 > outer.width ? across - 14 - width : right, down];
}
