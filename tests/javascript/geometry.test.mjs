/* The map's scales and hit testing. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as geometry from "../../betavae_core/browser/embedding_map/geometry.js";

const box = { left: 100, top: 50, width: 228 }; // half as large as a drawing of 456

test("the screen's places and the drawing's are each other's inverse", () => {
  assert.deepEqual(geometry.toDrawing(box, 456, [100, 50]), [0, 0]);
  assert.deepEqual(geometry.toDrawing(box, 456, [214, 164]), [228, 228]);
  assert.deepEqual(geometry.toScreen(box, 456, [228, 0]), [214, 50]);
  const place = [12, 345];
  assert.deepEqual(geometry.toDrawing(box, 456, geometry.toScreen(box, 456, place)), place);
});

test("the nearest place within reach", () => {
  const places = [[0, 0], [10, 0], [10, 10]];
  assert.equal(geometry.nearest(places, [9, 1], 5), 1);
  assert.equal(geometry.nearest(places, [10, 9], 5), 2);
  assert.equal(geometry.nearest(places, [100, 100], 5), null);
  assert.equal(geometry.nearest(places, [5, 0], 5), null); // as far away as it may not be
  assert.equal(geometry.nearest(places, [5, 0], 6), 0); // the first of two
  assert.equal(geometry.nearest([], [0, 0], 5), null);
});

test("an image's place in the sprite", () => {
  assert.deepEqual(geometry.spriteOffset(0, 20, 96), [0, 0]);
  assert.deepEqual(geometry.spriteOffset(19, 20, 96), [-19 * 96, 0]);
  assert.deepEqual(geometry.spriteOffset(43, 20, 96), [-3 * 96, -2 * 96]);
});

test("the tip is right of its place, or left where there is no room", () => {
  const outer = { left: 100, top: 50, width: 1000 };
  assert.deepEqual(geometry.tipCorner(outer, [200, 150], 230), [114, 60]);
  assert.deepEqual(geometry.tipCorner(outer, [1000, 150], 230), [656, 60]);
});
