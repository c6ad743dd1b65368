/* Numbers as they arrive, are written and are painted. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fromHalf } from "../../betavae_core/browser/network/float16.js";
import { outline } from "../../betavae_core/browser/live_decoder/hill.js";
import { fillPixels } from "../../betavae_core/browser/network/pixels.js";
import { readSafetensors } from "../../betavae_core/browser/network/safetensors.js";
import { rangeAround, signed } from "../../betavae_core/browser/live_decoder/slider_range.js";

test("float16: signs, fractions, the largest, the smallest and those below it", () => {
  const known = [
    [0x0000, 0], [0x8000, -0], [0x3c00, 1], [0xc000, -2], [0x3555, 0.333251953125],
    [0x7bff, 65504], [0x0400, 2 ** -14], [0x03ff, 1023 * 2 ** -24], [0x8001, -(2 ** -24)],
  ];
  const numbers = fromHalf(Uint16Array.from(known, ([bits]) => bits));
  assert.deepEqual([...numbers], known.map(([, value]) => value));
});

test("float16: every finite number", () => {
  const all = Uint16Array.from({ length: 2 ** 16 }, (_, n) => n);
  const bits = all.filter((n) => (n >> 10) % 32 < 31);
  const numbers = fromHalf(bits);
  bits.forEach((word, n) => {
    const [exponent, fraction] = [(word >> 10) & 31, word & 1023];
    const size = exponent ? (1024 + fraction) * 2 ** (exponent - 25) : fraction * 2 ** -24;
    assert.equal(numbers[n], word >> 15 ? -size : size);
  });
});

/* A safetensors file of {name: [dtype, bytes]}. */
function file(tensors, metadata) {
  const header = metadata ? { __metadata__: metadata } : {};
  let end = 0;
  for (const [name, [dtype, bytes]] of Object.entries(tensors)) {
    header[name] = { dtype, shape: [], data_offsets: [end, end += bytes.length] };
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const length = new Uint8Array(new BigUint64Array([BigInt(text.length)]).buffer);
  const bytes = Object.values(tensors).flatMap(([, part]) => [...part]);
  return Uint8Array.from([...length, ...text, ...bytes]);
}

test("safetensors: tensors of three types and the metadata, wherever the file begins", () => {
  const singles = new Uint8Array(new Float32Array([1.5, -2]).buffer);
  const whole = file(
    { bytes: ["U8", [7, 8, 9]], half: ["F16", [0x00, 0x3c]], single: ["F32", singles] },
    { live: "text" },
  );
  const shifted = new Uint8Array(whole.length + 3);
  shifted.set(whole, 3);
  for (const bytes of [whole, shifted.subarray(3)]) {
    const { metadata, tensor } = readSafetensors(bytes);
    assert.equal(metadata.live, "text");
    assert.deepEqual([...tensor("bytes")], [7, 8, 9]);
    assert.deepEqual([...tensor("half")], [1]);
    assert.deepEqual([...tensor("single")], [1.5, -2]);
  }
});

test("safetensors: what is not there or of another type is named", () => {
  const { metadata, tensor } = readSafetensors(file({ double: ["F64", [0, 0, 0, 0, 0, 0, 0, 0]] }));
  assert.deepEqual(metadata, {});
  assert.throws(() => tensor("double"), /double has the type F64/);
  assert.throws(() => tensor("single"), /no tensor single/);
});

test("pixels: grey in three channels, colours as they are, rounded and cut off", () => {
  const grey = new Uint8ClampedArray(8);
  fillPixels(grey, [0.5, 2], 1, 255);
  assert.deepEqual([...grey], [128, 128, 128, 255, 255, 255, 255, 255]);
  const colour = new Uint8ClampedArray(8);
  fillPixels(colour, [1, 2, 3, 4, 5, 6], 3, 1);
  assert.deepEqual([...colour], [1, 2, 3, 255, 4, 5, 6, 255]);
});

test("a slider's range holds its start, and its value has one sign", () => {
  const { min, max, share } = rangeAround(-3, 3, 3.456);
  assert.deepEqual([min, max], [-3, 3.46]);
  assert.equal(share(0.23), 0.5);
  assert.equal(rangeAround(0, 0, 0).share(0), 0); // of no length
  assert.deepEqual([1, -1, -0.004, 0].map(signed), ["1.00", "\u22121.00", "0.00", "0.00"]);
});

test("a hill's outline closes and is as wide as it has bins", () => {
  assert.equal(outline([0.5, 1]), "M0 1L0 0.5L1 0.5L1 0L2 0L2 1Z");
});
