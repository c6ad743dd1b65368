// @ts-check
/** The numbers of a slider: from where to where it goes, and how its value is written. */

/** @typedef {{min: number, max: number, share: (value: number) => number}} Range */

/**
 * In whole steps of 0.01, and so that the start lies within; share: how far along a value is.
 * @param {number} low
 * @param {number} high
 * @param {number} start
 * @returns {Range}
 */
export function rangeAround(low, high, start) {
  const min = Math.min(low, Math.floor(100 * start) / 100);
  const max = Math.max(high, Math.ceil(100 * start) / 100);
  return { min, max, share: (value) => (value - min) / (max - min || 1) };
}

/**
 * @param {number} value
 * @returns {string} with two decimals and a minus as long as a plus; never -0
 */
export const signed = (value) =>
  value.toFixed(2).replace(/^-(?=.*[1-9])/, "\u2212").replace(/^-/, "");
