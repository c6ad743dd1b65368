// @ts-check
/** Half-precision numbers, which JavaScript has no array of. */

/**
 * Shifts the bits into float32's places; the factor makes up for the exponents' offsets.
 * @param {Uint16Array} bits of finite numbers
 * @returns {Float32Array} the same numbers
 */
export function fromHalf(bits) {
  const words = new Uint32Array(bits.length);
  for (let i = 0; i < bits.length; i++) {
    words[i] = ((bits[i] & 0x8000) << 16) | ((bits[i] & 0x7fff) << 13);
  }
  const out = new Float32Array(words.buffer);
  for (let i = 0; i < out.length; i++) out[i] *= 2 ** 112;
  return out;
}
