// @ts-check
/** The fully connected layer. */
import { compact, list, multiply, packed, padded } from "./matrix.js";

/** @import { Step } from "./network.js" */

/**
 * @param {number} inputs
 * @param {number} rows outputs
 * @param {ArrayLike<number>} weight (rows, inputs)
 * @param {ArrayLike<number>} bias (rows)
 * @returns {Step} whose result it overwrites the next time
 */
export function linear(inputs, rows, weight, bias) {
  const w = packed(rows, inputs, (r, k) => weight[r * inputs + k]);
  const out = new Float32Array(padded(rows)), shown = out.subarray(0, rows);
  const added = new Float32Array(padded(rows));
  added.set(bias);
  const listed = list(inputs);
  return (x) => {
    multiply(w, inputs, listed, compact(x, 0, inputs, listed), added, out);
    return shown;
  };
}
