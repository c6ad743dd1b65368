/* The layer that makes smaller images, against numbers that can be computed by hand. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { convolution } from "../../betavae_core/browser/network/convolution.js";

const f32 = (...values) => Float32Array.from(values);

const square = (size, stride, padding, out) => ({
  kernel: [size, size], stride: [stride, stride], padding: [padding, padding], out,
});

test("convolution: what lies under the kernel, times the weights", () => {
  const layer = convolution(square(2, 2, 0, [1, 2, 2]), [1, 2, 3, 4], [0.5], [1, 4, 4]);
  const image = f32(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1);
  assert.deepEqual([...layer(image)], [5.5, 0.5, 0.5, 10.5]);
});

test("convolution: outside of the image there are zeros", () => {
  const ones = new Array(9).fill(1);
  const layer = convolution(square(3, 1, 1, [1, 2, 2]), ones, [0], [1, 2, 2]);
  assert.deepEqual([...layer(f32(1, 2, 3, 4))], [10, 10, 10, 10]);
  assert.deepEqual([...layer(f32(1, 0, 0, 0))], [1, 1, 1, 1]);
});

test("convolution: of channels, and wider than high", () => {
  const geometry = { kernel: [1, 2], stride: [1, 2], padding: [0, 0], out: [2, 1, 2] };
  // (outputs 2, inputs 2, 1, 2); the image has two channels side by side
  const layer = convolution(geometry, [1, 2, 3, 4, 5, 6, 7, 8], [100, 200], [2, 1, 4]);
  assert.deepEqual([...layer(f32(1, 0, 0, 0, 0, 0, 0, 1))], [101, 205, 104, 208]);
});
