// @ts-check
/** β that moves by itself from one end of its range to the other and back. */
import { betaAt, shareOf } from "../controls/beta_slider.js";

/** @import { BetaRange } from "../network/gate.js" */

const DURATION = 14_000; // ms, there and back

export class Sweep {
  /** @type {number | null} */
  since = null; // when it began; null: it does not move

  /**
   * @param {number} beta at which it begins, towards the high end
   * @param {BetaRange} range
   * @param {number} now in ms
   */
  start(beta, range, now) {
    this.since = now - (shareOf(beta, range) / 2) * DURATION;
  }

  /**
   * @param {BetaRange} range
   * @param {number} now in ms
   * @returns {number | null} β; null if it does not move
   */
  at(range, now) {
    if (this.since === null) return null;
    const share = ((now - this.since) % DURATION) / DURATION; // of the way there and back
    return betaAt(1 - Math.abs(1 - 2 * share), range);
  }

  stop() {
    this.since = null;
  }
}
