// The axes of a small chart.
import assert from "node:assert/strict";
import { test } from "node:test";
import { axisRange, roundNumbers } from "../../betavae_core/browser/beta_explorer/scale.js";

test("an axis begins at 0 unless its values are close together", () => {
  assert.deepEqual(axisRange([10, 40, 50]), [0, 54]);
  const [low, high] = axisRange([1810, 1910]);
  assert.deepEqual([low, high], [1800, 1920]);
  assert.deepEqual(roundNumbers(low, high, 4), [1800, 1850, 1900]);
  assert.deepEqual(axisRange([5]), [4.5, 5.5]);
});
