/* Where the sliders stand, β on its slider, numbers between measured ones, the input image. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { betaAt, betaText, shareOf } from "../../betavae_core/browser/controls/beta_slider.js";
import { normal } from "../../betavae_core/browser/live_decoder/normal.js";
import { measuredAt, placeAmong } from "../../betavae_core/browser/controls/over_beta.js";
import { moved, resized, turned } from "../../betavae_core/browser/live_decoder/sprite.js";
import { InputImage } from "../../betavae_core/browser/live_decoder/input_image.js";
import { Position } from "../../betavae_core/browser/live_decoder/position.js";

test("a latent follows the start until the visitor moves it, and returns when asked", () => {
  const position = new Position();
  position.begin([0, 1, 2], [0, 1, 2]);
  position.move(1, -1);
  position.follow([5, 6, 7]);
  assert.deepEqual(position.z, [5, -1, 7]);
  position.restore([1]);
  assert.deepEqual(position.z, [5, 6, 7]);
  // a link names other positions than the start: they are the visitor's
  position.begin([0, 9, 2], [0, 1, 2]);
  position.follow([1, 1, 1]);
  assert.deepEqual(position.z, [1, 9, 1]);
});

test("a sample keeps its random numbers while the posterior changes", () => {
  const position = new Position();
  position.begin([0, 0], [0, 0]);
  position.resample([1, 1]);
  const noise = [...position.z];
  position.follow([10, 10], [2, 0]);
  assert.deepEqual(position.z, [10 + 2 * noise[0], 10]);
  position.restore([0, 1], [2, 2]);
  assert.deepEqual(position.z, [10, 10]);
});

test("random numbers have mean 0 and variance 1", () => {
  const numbers = Array.from({ length: 20_000 }, normal);
  const mean = numbers.reduce((a, b) => a + b) / numbers.length;
  const variance = numbers.reduce((a, b) => a + b * b, 0) / numbers.length;
  assert.ok(Math.abs(mean) < 0.05);
  assert.ok(Math.abs(variance - 1) < 0.08);
});

test("β on its slider: even in log β, both ends exact, three digits", () => {
  const range = { low: 0.05, high: 20 };
  assert.equal(betaAt(0, range), 0.05);
  assert.equal(betaAt(1, range), 20);
  assert.equal(betaAt(0.5, range), 1);
  assert.ok(Math.abs(shareOf(1, range) - 0.5) < 1e-12);
  assert.equal(betaText(0.12345), "0.123");
  assert.equal(betaText(20), "20");
  const narrow = { low: 0.12345, high: 0.5 };
  assert.equal(betaAt(0, narrow), 0.12345); // not below the range for its rounding
});

test("between two measured β the numbers lie on a line in log β", () => {
  const measured = { beta: [0.1, 1, 10], nll: [10, 20, 40], kl: [[4, 2], [2, 0], [1, 0]] };
  assert.deepEqual(measuredAt(measured, 1), { nll: 20, kl: [2, 0] });
  const { nll, kl } = measuredAt(measured, Math.sqrt(10));
  assert.ok(Math.abs(nll - 30) < 1e-9);
  assert.ok(Math.abs(kl[0] - 1.5) < 1e-9);
  assert.deepEqual(measuredAt(measured, 0.01), { nll: 10, kl: [4, 2] });
  assert.deepEqual(measuredAt(measured, 99), { nll: 40, kl: [1, 0] });
  assert.deepEqual(placeAmong([3], 5), { before: 0, part: 0 });
});

const heart = { shape: 2, scale: 0.9, orientation: 0, x: 0.5, y: 1 };

test("a shape moves, turns and grows within the dataset's range", () => {
  assert.equal(moved(heart, 8, 0).x, 0.75);
  assert.equal(moved(heart, -99, 99).x, 0);
  assert.equal(moved(heart, -99, 99).y, 1);
  assert.equal(resized(heart, 3).scale, 1);
  assert.equal(resized(heart, -9).scale, 0.5);
  assert.ok(Math.abs(turned(heart, 39).orientation - 2 * Math.PI) < 1e-12);
});

test("the input image is moved, painted, and returns to what was sent", () => {
  const image = new InputImage();
  image.take([1, 64, 64], new Uint8Array(4096), heart);
  assert.equal(image.changed, false);
  image.apply((sprite) => moved(sprite, 3, 0));
  assert.ok(image.changed && image.pixels.includes(1));
  image.restore();
  assert.ok(!image.changed && !image.pixels.includes(1));
  assert.equal(image.sprite, heart);
  image.take([3, 8, 8], new Uint8Array(192).fill(51), null);
  image.apply((sprite) => moved(sprite, 3, 0)); // no shape: nothing to move
  assert.equal(image.changed, false);
  image.paint([4, 4], [4, 4]);
  assert.equal(image.pixels[(4 * 8 + 4) * 3 + 2], 1);
  assert.ok(Math.abs(image.pixels[0] - 0.2) < 1e-6);
  image.take([1, 64, 64], new Uint8Array(4096), null);
  image.paint([10, 10], [50, 10]); // a line without gaps
  for (let column = 10; column < 50; column++) assert.equal(image.pixels[10 * 64 + column], 1);
  assert.equal(image.pixels[10 * 64 + 55], 0);
});
