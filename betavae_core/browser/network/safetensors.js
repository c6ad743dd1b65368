// @ts-check
/** Named tensors in one file: the header's length in eight bytes, the header as JSON, numbers. */
import { fromHalf } from "./float16.js";

/** @typedef {{dtype: string, shape: number[], data_offsets: [number, number]}} Entry */
/** @typedef {(name: string) => Uint8Array | Float32Array} Tensor of a name; bytes stay bytes */

/**
 * @param {Uint8Array} bytes a safetensors file
 * @returns {{metadata: Record<string, string>, tensor: Tensor}}
 */
export function readSafetensors(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const begin = 8 + Number(view.getBigUint64(0, true));
  /** @type {{[name: string]: Entry}} */
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, begin)));
  const { __metadata__: metadata = {}, ...entries } = /** @type {any} */ (header);
  /** @type {Tensor} */
  const tensor = (name) => {
    const entry = /** @type {Entry | undefined} */ (entries[name]);
    if (!entry) throw new Error(`The file has no tensor ${name}.`);
    const { dtype, data_offsets: [from, to] } = entry;
    const raw = bytes.slice(begin + from, begin + to); // a copy, because views must be aligned
    if (dtype === "U8") return raw;
    if (dtype === "F32") return new Float32Array(raw.buffer);
    if (dtype === "F16") return fromHalf(new Uint16Array(raw.buffer));
    throw new Error(`Tensor ${name} has the type ${dtype}; expected U8, F16 or F32.`);
  };
  return { metadata, tensor };
}
