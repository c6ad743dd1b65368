/* Points between their positions at two values of β. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { placesAt } from "../../betavae_core/browser/embedding_map/morph.js";

const data = { betas: [0.1, 10], places: [[[0, 0], [10, 4]], [[20, 2], [10, 8]]] };

test("at a measured β the points are where they were measured", () => {
  assert.deepEqual(placesAt(data, 0.1), data.places[0]);
  assert.deepEqual(placesAt(data, 10), data.places[1]);
  assert.deepEqual(placesAt(data, 99), data.places[1]);
});

test("halfway in log β they are halfway", () => {
  const [first, second] = placesAt(data, 1);
  assert.ok(Math.abs(first[0] - 10) < 1e-9 && Math.abs(first[1] - 1) < 1e-9);
  assert.ok(Math.abs(second[0] - 10) < 1e-9 && Math.abs(second[1] - 6) < 1e-9);
});
