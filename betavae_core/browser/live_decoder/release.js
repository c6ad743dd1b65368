// @ts-check
/** The messages about the sliders to Python: one per release, and only for a change. */

/** @import { Tell } from "../controls/mount.js" */
/** @typedef {{key: string, visit: number, start_id: string}} Visit to a start of the sliders */
/** @typedef {{z: number[], beta: number | null}} Position β: null for an ordinary model */

/** @type {Map<string, Position & {visit: number}>} mount key: outlives a popover that closes */
const positions = new Map();

export class Release {
  sent = "";

  /**
   * Where the sliders were left in this visit, or else where they begin; Python knows that.
   * @param {Visit} visit
   * @param {Position} initial
   * @returns {Position}
   */
  begin({ key, visit }, initial) {
    const kept = positions.get(key);
    const { z, beta } = kept?.visit === visit ? kept : initial;
    this.sent = JSON.stringify({ z, beta });
    return { z: [...z], beta };
  }

  /**
   * @param {Position} now
   * @param {Visit} visit
   * @param {Tell} tell
   * @returns {boolean} whether there was anything to tell
   */
  tell({ z, beta }, { key, visit, start_id }, tell) {
    const text = JSON.stringify({ z, beta });
    if (text === this.sent) return false;
    this.sent = text;
    positions.set(key, { visit, z: [...z], beta });
    tell("z", { values: [...z], start_id, visit, ...(beta === null ? {} : { beta }) });
    return true;
  }
}
