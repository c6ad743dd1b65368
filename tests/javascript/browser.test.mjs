/* What needs a little of a browser: frames, and what Streamlit calls and hears. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { NextFrame } from "../../betavae_core/browser/controls/frames.js";
import { mounted } from "../../betavae_core/browser/controls/mount.js";
import { Release } from "../../betavae_core/browser/live_decoder/release.js";

let asked = new Map();

beforeEach(() => {
  asked = new Map();
  let number = 0;
  globalThis.requestAnimationFrame = (act) => {
    asked.set(++number, act);
    return number;
  };
  globalThis.cancelAnimationFrame = (which) => asked.delete(which);
  globalThis.HTMLElement = class {};
});

function nextFrame() {
  const due = [...asked.values()];
  asked.clear();
  for (const act of due) act();
}

test("a frame is drawn once, however often it was asked for", () => {
  let drawn = 0;
  const frames = new NextFrame(() => drawn++);
  frames.ask();
  frames.ask();
  assert.equal(drawn, 0);
  nextFrame();
  assert.equal(drawn, 1);
  nextFrame();
  assert.equal(drawn, 1);
  frames.ask();
  frames.now();
  assert.equal(drawn, 2);
  nextFrame();
  assert.equal(drawn, 2);
  frames.ask();
  frames.cancel();
  nextFrame();
  assert.equal(drawn, 2);
});

test("what is mounted is made once for a root, updated every time, and removed once", () => {
  const seen = [];
  class Kind {
    constructor(root) { seen.push(["made", root.name]); }
    update(data) { seen.push(["updated", data]); }
    remove() { seen.push(["removed"]); }
  }
  const root = Object.assign(new globalThis.HTMLElement(), { name: "root" });
  const show = mounted(".root", Kind);
  const parentElement = { querySelector: (selector) => (selector === ".root" ? root : null) };
  const setStateValue = () => {};
  show({ parentElement, data: 1, setStateValue });
  const remove = show({ parentElement, data: 2, setStateValue });
  remove();
  remove();
  assert.deepEqual(seen, [["made", "root"], ["updated", 1], ["updated", 2], ["removed"]]);
  const nothing = { querySelector: () => null };
  assert.throws(() => show({ parentElement: nothing, data: 3, setStateValue }), /no \.root/);
});

test("Python hears of a release once, and only of a change", () => {
  const told = [];
  const tell = (name, value) => told.push([name, value]);
  const visit = { key: "live", visit: 1, start_id: "zero" };
  const release = new Release();
  const { z } = release.begin(visit, { z: [0, 1], beta: null });
  assert.equal(release.tell({ z, beta: null }, visit, tell), false);
  z[0] = 2;
  assert.equal(release.tell({ z, beta: null }, visit, tell), true);
  assert.equal(release.tell({ z, beta: null }, visit, tell), false);
  assert.equal(release.tell({ z, beta: 3 }, visit, tell), true);
  const said = { values: [2, 1], start_id: "zero", visit: 1 };
  assert.deepEqual(told, [["z", said], ["z", { ...said, beta: 3 }]]);
  // shown anew in the same visit: where it was left; in another: where it begins
  const first = { z: [0, 1], beta: 1 };
  assert.deepEqual(new Release().begin(visit, first), { z: [2, 1], beta: 3 });
  assert.deepEqual(new Release().begin({ ...visit, visit: 2 }, first), first);
});
