/* Each layer against numbers that can be computed by hand; images are (H, W, C). */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  toChannelsFirst, toChannelsLast,
} from "../../betavae_core/browser/network/channels_last.js";
import { gate, scaledBeta } from "../../betavae_core/browser/network/gate.js";
import { linear } from "../../betavae_core/browser/network/linear.js";
import {
  compact, list, multiply, packed, padded,
} from "../../betavae_core/browser/network/matrix.js";
import { Model, divergence } from "../../betavae_core/browser/network/model.js";
import { buildNetwork } from "../../betavae_core/browser/network/network.js";
import { leakyRelu, relu, sigmoid, tanh } from "../../betavae_core/browser/network/pointwise.js";
import {
  transposedConvolution,
} from "../../betavae_core/browser/network/transposed_convolution.js";

const f32 = (...values) => Float32Array.from(values);

test("zeros are left out of what is multiplied", () => {
  const to = list(4);
  assert.equal(compact(f32(9, 0, 3, 0, 5), 1, 4, to), 2);
  assert.deepEqual([...to.index.slice(0, 2)], [1, 3]);
  assert.deepEqual([...to.value.slice(0, 2)], [3, 5]);
});

test("a packed matrix multiplies as one that is not, for any number of rows", () => {
  for (const rows of [1, 7, 8, 9, 17]) {
    const [n, at] = [3, (r, k) => 10 * r + k];
    const w = packed(rows, n, at);
    assert.equal(w.length, padded(rows) * n);
    const [x, out] = [list(n), new Float32Array(padded(rows))];
    const used = compact(f32(1, 0, 2), 0, n, x);
    multiply(w, n, x, used, new Float32Array(padded(rows)).fill(0.5), out);
    const expected = Array.from({ length: rows }, (_, r) => at(r, 0) + 2 * at(r, 2) + 0.5);
    assert.deepEqual([...out.slice(0, rows)], expected);
  }
});

test("linear: weight times input plus bias, and again", () => {
  const layer = linear(3, 2, [1, 2, 3, 4, 5, 6], [10, 20]);
  assert.deepEqual([...layer(f32(1, 0, -1))], [8, 18]);
  assert.deepEqual([...layer(f32(0, 0, 0))], [10, 20]);
});

const square = (size, stride, padding, out) => ({
  kernel: [size, size], stride: [stride, stride], padding: [padding, padding], out,
});

test("transposed convolution: a pixel is spread over the kernel", () => {
  const layer = transposedConvolution(square(2, 2, 0, [1, 4, 4]), [1, 2, 3, 4], [0.5], [1, 2, 2]);
  assert.deepEqual([...layer(f32(1, 0, 0, 10))], [
    1.5, 2.5, 0.5, 0.5,
    3.5, 4.5, 0.5, 0.5,
    0.5, 0.5, 10.5, 20.5,
    0.5, 0.5, 30.5, 40.5,
  ]);
});

test("transposed convolution: what overlaps is added, what is padding falls off", () => {
  const ones = new Array(9).fill(1);
  const layer = transposedConvolution(square(3, 1, 1, [1, 2, 2]), ones, [0], [1, 2, 2]);
  assert.deepEqual([...layer(f32(1, 2, 3, 4))], [10, 10, 10, 10]);
  assert.deepEqual([...layer(f32(1, 0, 0, 0))], [1, 1, 1, 1]);
});

test("transposed convolution: of channels, and wider than high", () => {
  const geometry = { kernel: [1, 2], stride: [1, 2], padding: [0, 0], out: [2, 1, 4] };
  // (inputs 2, outputs 2, 1, 2)
  const layer = transposedConvolution(geometry, [1, 2, 3, 4, 5, 6, 7, 8], [100, 200], [2, 1, 2]);
  assert.deepEqual([...layer(f32(1, 0, 0, 1))], [101, 203, 102, 204, 105, 207, 106, 208]);
});

test("an image's orders are each other's inverse", () => {
  const first = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]; // (2, 2, 3)
  const last = toChannelsLast([2, 2, 3])(first);
  assert.deepEqual([...last], [1, 7, 2, 8, 3, 9, 4, 10, 5, 11, 6, 12]);
  assert.deepEqual([...toChannelsFirst([2, 2, 3])(last)], first);
});

test("activations", () => {
  assert.deepEqual([...relu(f32(-2, 0, 3))], [0, 0, 3]);
  assert.deepEqual([...leakyRelu(0.5)(f32(-2, 0, 3))], [-1, 0, 3]);
  assert.deepEqual([...sigmoid(f32(0, 1000, -1000))], [0.5, 1, 0]);
  assert.deepEqual([...tanh(f32(0, 100))], [0, 1]);
});

test("a gate multiplies each channel by a factor that depends on β", () => {
  const range = { low: 0.05, high: 20 };
  assert.ok(Math.abs(scaledBeta(1, range)) < 1e-12);
  assert.ok(Math.abs(scaledBeta(20, range) - Math.sqrt(3)) < 1e-12);
  const { step, set } = gate(f32(0, 1), f32(0, Math.log(3)));
  set(0);
  assert.deepEqual([...step(f32(1, 1, 2, 2))], [1, 1.5, 2, 3]);
  set(100);
  assert.deepEqual([...step(f32(1, 1, 2, 2))], [1, 2, 2, 4]);
});

test("the KL of a latent from the prior", () => {
  assert.equal(divergence(0, 1), 0);
  assert.ok(Math.abs(divergence(2, 1) - 2) < 1e-12);
  assert.ok(Math.abs(divergence(0, Math.exp(-1)) - (1 + (Math.exp(-2) - 1) / 2)) < 1e-12);
});

test("a decoder of one layer without a bias ends in a sigmoid; other layers are refused", () => {
  const layer = { type: "linear", inputs: 1, out: [2], weight: "0.weight" };
  const file = { layers: [layer], encoder: [], range: null };
  const model = new Model(file, () => f32(Math.log(3), 0));
  assert.deepEqual([...model.decode([1])], [0.75, 0.5]);
  assert.equal(model.encode([1]), null);
  assert.throws(() => buildNetwork([{ type: "gelu", out: [1] }], [], () => f32()), /gelu/);
});
