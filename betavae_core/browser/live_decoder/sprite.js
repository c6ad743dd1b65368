// @ts-check
/** The shapes of 2Dshapes at any place, size and angle, as the rendered dataset draws them. */

/**
 * @typedef {object} Sprite
 * @property {number} shape 0 square, 1 ellipse, 2 heart
 * @property {number} scale 0.5 to 1
 * @property {number} orientation in radians
 * @property {number} x 0 to 1
 * @property {number} y 0 to 1
 */

export const SIDE = 64;
const RANGE = 32, MARGIN = 16, POSITIONS = 31; // of the sprite's centre, in pixels

/** @param {number} position 0 to 1 */
const centre = (position) => MARGIN + (position * RANGE);

/** @type {((u: number, v: number) => boolean)[]} in the sprite's own axes, at scale 1 */
const INSIDE = [
  (u, v) => Math.max(Math.abs(u), Math.abs(v)) <= 9.5995,
  (u, v) => (u / 12.7625) ** 2 + (v / 7.215) ** 2 <= 1,
  (u, v) => {
    const sine = Math.cbrt(Math.abs(u) / 9.592), cosine2 = 1 - sine * sine;
    if (cosine2 < 0) return false;
    const even = -5 * (2 * cosine2 - 1) - (8 * cosine2 * cosine2 - 8 * cosine2 + 1);
    const odd = (13 - 2 * (4 * cosine2 - 3)) * Math.sqrt(cosine2);
    const w = -(v + 1.436) / 0.66225;
    return w <= even + odd && w >= even - odd;
  },
];

/**
 * @param {Sprite} sprite
 * @returns {Uint8Array} (64 · 64), 0 or 255
 */
export function drawSprite({ shape, scale, orientation, x, y }) {
  const cos = Math.cos(orientation) / scale, sin = Math.sin(orientation) / scale;
  const image = new Uint8Array(SIDE * SIDE), inside = INSIDE[shape];
  const [cx, cy] = [centre(x), centre(y)];
  for (let row = 0, at = 0; row < SIDE; row++) {
    for (let column = 0; column < SIDE; column++, at++) {
      const dx = column + 0.5 - cx, dy = row + 0.5 - cy;
      if (inside(dx * cos - dy * sin, dx * sin + dy * cos)) image[at] = 255;
    }
  }
  return image;
}

/** @param {number} value */
const clamped = (value) => Math.min(Math.max(value, 0), 1);

/**
 * Moved by pixels of the image, within the dataset's range.
 * @param {Sprite} sprite
 * @param {number} dx
 * @param {number} dy
 * @returns {Sprite}
 */
export const moved = (sprite, dx, dy) => ({
  ...sprite, x: clamped(sprite.x + dx / RANGE), y: clamped(sprite.y + dy / RANGE),
});

/**
 * @param {Sprite} sprite
 * @param {number} steps of the dataset's 39 around the circle
 * @returns {Sprite}
 */
export const turned = (sprite, steps) => ({
  ...sprite, orientation: sprite.orientation + (steps * 2 * Math.PI) / 39,
});

/**
 * @param {Sprite} sprite
 * @param {number} steps of the dataset's 0.1
 * @returns {Sprite}
 */
export const resized = (sprite, steps) => ({
  ...sprite, scale: Math.min(Math.max(sprite.scale + 0.1 * steps, 0.5), 1),
});

export const PIXEL = RANGE / POSITIONS; // a step of the dataset's positions, in pixels
