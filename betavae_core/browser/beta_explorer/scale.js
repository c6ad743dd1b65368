// @ts-check
/** The axes of a small chart. */

/**
 * Round numbers within a range, about `count` of them.
 * @param {number} low
 * @param {number} high
 * @param {number} count
 * @returns {number[]}
 */
export function roundNumbers(low, high, count) {
  const rough = (high - low) / count, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough) ?? rough;
  const first = Math.ceil(low / step), last = Math.floor(high / step);
  return Array.from({ length: last - first + 1 }, (_, n) => (first + n) * step);
}

/**
 * From numbers to places.
 * @param {[number, number]} numbers
 * @param {[number, number]} places
 * @returns {(value: number) => number}
 */
export const scale = ([low, high], [from, to]) =>
  (value) => from + ((to - from) * (value - low)) / (high - low || 1);
