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

/**
 * The numbers on an axis: from 0, unless all values are closer to one another than to 0.
 * @param {number[]} values not below 0
 * @returns {[number, number]}
 */
export function axisRange(values) {
  const least = Math.min(...values), most = Math.max(...values);
  if (least <= most / 2) return [0, 1.08 * most];
  const room = 0.1 * (most - least || most);
  return [least - room, most + room];
}
