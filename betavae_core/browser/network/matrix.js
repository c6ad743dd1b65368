// @ts-check
/** A matrix times a vector of which many numbers are 0: after a ReLU about half are. */

/** @typedef {{index: Int32Array, value: Float64Array}} Listed numbers that are not 0, and where */

/**
 * @param {number} length how many there can be
 * @returns {Listed}
 */
export const list = (length) => ({
  index: new Int32Array(length),
  value: new Float64Array(length),
});

/**
 * Lists x[from .. from + n) without its zeros.
 * @param {Float32Array} x
 * @param {number} from
 * @param {number} n
 * @param {Listed} to
 * @returns {number} how many there are
 */
export function compact(x, from, n, to) {
  let used = 0;
  for (let k = 0; k < n; k++) {
    const value = x[from + k];
    if (value === 0) continue;
    to.index[used] = k;
    to.value[used++] = value;
  }
  return used;
}

/**
 * @param {number} rows
 * @returns {number} the next multiple of eight
 */
export const padded = (rows) => (rows + 7) & ~7;

/**
 * A matrix with eight rows side by side: block of rows, input, row in the block. What is left of
 * the last block is 0.
 * @param {number} rows
 * @param {number} n inputs of each row
 * @param {(row: number, input: number) => number} at the weight
 * @returns {Float32Array} (padded(rows) * n)
 */
export function packed(rows, n, at) {
  const w = new Float32Array(padded(rows) * n);
  for (let r = 0; r < rows; r++) {
    for (let k = 0; k < n; k++) w[((r >> 3) * n + k) * 8 + (r & 7)] = at(r, k);
  }
  return w;
}

/**
 * out[r] = bias[r] + sum over the `used` listed k of the packed weight (r, k) times x[k].
 * Eight rows at a time share the loads of x.
 * @param {Float32Array} w packed
 * @param {number} n inputs of each row
 * @param {Listed} x
 * @param {number} used how many of x are listed
 * @param {Float32Array} bias (padded(rows))
 * @param {Float32Array} out (padded(rows))
 */
export function multiply(w, n, { index, value }, used, bias, out) {
  for (let r = 0; r < out.length; r += 8) {
    let a = bias[r], b = bias[r + 1], c = bias[r + 2], d = bias[r + 3];
    let e = bias[r + 4], f = bias[r + 5], g = bias[r + 6], h = bias[r + 7];
    for (let j = 0; j < used; j++) {
      const p = r * n + index[j] * 8, v = value[j];
      a += w[p] * v; b += w[p + 1] * v; c += w[p + 2] * v; d += w[p + 3] * v;
      e += w[p + 4] * v; f += w[p + 5] * v; g += w[p + 6] * v; h += w[p + 7] * v;
    }
    out[r] = a; out[r + 1] = b; out[r + 2] = c; out[r + 3] = d;
    out[r + 4] = e; out[r + 5] = f; out[r + 6] = g; out[r + 7] = h;
  }
}
