// @ts-check
/** Activations: what is done to each number by itself, in place. */

/** @import { Step } from "./network.js" */

/**
 * @param {(value: number) => number} f
 * @returns {Step}
 */
const each = (f) => (x) => {
  for (let i = 0; i < x.length; i++) x[i] = f(x[i]);
  return x;
};

export const relu = each((v) => (v > 0 ? v : 0));
export const tanh = each(Math.tanh);
export const sigmoid = each((v) => 1 / (1 + Math.exp(-v)));

/**
 * @param {number} slope below 0
 * @returns {Step}
 */
export const leakyRelu = (slope) => each((v) => (v > 0 ? v : slope * v));
