// @ts-check
/** The messages about the sliders to Python: one per release, and only for a change. */

/** @import { Tell } from "../javascript/mount.js" */
/** @typedef {{key: string, visit: number, start_id: string}} Visit to a start of the sliders */

/** @type {Map<string, {visit: number, z: number[]}>} mount key: outlives a popover that closes */
const positions = new Map();

export class Release {
  sent = "";

  /**
   * Where the sliders were left in this visit, or else where they begin; Python knows that.
   * @param {Visit} visit
   * @param {number[]} initial
   * @returns {number[]}
   */
  begin({ key, visit }, initial) {
    const kept = positions.get(key);
    const z = [...(kept?.visit === visit ? kept.z : initial)];
    this.sent = JSON.stringify(z);
    return z;
  }

  /**
   * @param {number[]} z
   * @param {Visit} visit
   * @param {Tell} tell
   * @returns {boolean} whether there was anything to tell
   */
  tell(z, { key, visit, start_id }, tell) {
    const text = JSON.stringify(z);
    if (text === this.sent) return false;
    this.sent = text;
    positions.set(key, { visit, z: [...z] });
    tell("z", { values: [...z], start_id, visit });
    return true;
  }
}
