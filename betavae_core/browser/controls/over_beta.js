// @ts-check
/** What was measured at some values of β, at any β between them. */

/**
 * @typedef {object} Measured
 * @property {number[]} beta ascending
 * @property {number[]} nll distortion at each β, in nats per image
 * @property {number[][]} kl of each latent at each β, in nats per image
 */

/**
 * The place of β among the measured values: between `before` and the next, `part` of the way in
 * log β; the ends hold beyond them.
 * @param {number[]} betas ascending
 * @param {number} beta
 * @returns {{before: number, part: number}}
 */
export function placeAmong(betas, beta) {
  const last = betas.length - 1;
  if (beta <= betas[0] || last === 0) return { before: 0, part: 0 };
  if (beta >= betas[last]) return { before: last - 1, part: 1 };
  let before = 0;
  while (betas[before + 1] <= beta) before++;
  const [low, high] = [betas[before], betas[before + 1]];
  return { before, part: Math.log(beta / low) / Math.log(high / low) };
}

/**
 * A number on the straight line between two neighbours.
 * @param {ArrayLike<number>} values
 * @param {{before: number, part: number}} place
 */
export const between = (values, { before, part }) =>
  part ? (1 - part) * values[before] + part * values[before + 1] : values[before];

/**
 * @param {Measured} measured
 * @param {number} beta
 * @returns {{nll: number, kl: number[]}}
 */
export function measuredAt({ beta: betas, nll, kl }, beta) {
  const place = placeAmong(betas, beta);
  const each = kl[0].map((_, d) => between(kl.map((row) => row[d]), place));
  return { nll: between(nll, place), kl: each };
}
