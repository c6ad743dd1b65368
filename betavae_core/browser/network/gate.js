// @ts-check
/** A factor for each channel of a layer that depends on β: how one model answers for every β. */

/** @import { Step } from "./network.js" */
/** @typedef {{low: number, high: number}} BetaRange that a model was trained for */

/**
 * √3 · (log β − c) / h, with c the middle of the range of log β and h half its width.
 * @param {number} beta
 * @param {BetaRange} range
 */
export function scaledBeta(beta, { low, high }) {
  const middle = (Math.log(low) + Math.log(high)) / 2;
  const half = (Math.log(high) - Math.log(low)) / 2;
  return (Math.sqrt(3) * (Math.log(beta) - middle)) / half;
}

/**
 * 2 σ(slope · η + offset) times each channel, in place; channels are next to each other.
 * @param {ArrayLike<number>} slope (channels)
 * @param {ArrayLike<number>} offset (channels)
 * @returns {{step: Step, set: (eta: number) => void}} set: computes the factors for one η
 */
export function gate(slope, offset) {
  const factors = new Float32Array(slope.length);
  return {
    set: (eta) => {
      for (let c = 0; c < factors.length; c++)
        factors[c] = 2 / (1 + Math.exp(-(slope[c] * eta + offset[c])));
    },
    step: (x) => {
      for (let from = 0; from < x.length; from += factors.length)
        for (let c = 0; c < factors.length; c++) x[from + c] *= factors[c];
      return x;
    },
  };
}
