// @ts-check
/** Where the sliders stand: each latent at the start, at a sample, or where the visitor put it. */
import { normal } from "./normal.js";

export class Position {
  /** @type {number[]} */
  z = [];
  /** @type {number[]} */
  start = []; // where the sliders return to: the mean of the posterior of the input
  /** @type {Set<number>} */
  own = new Set(); // latents that the visitor moved
  /** @type {number[] | null} */
  noise = null; // of the sample from the posterior; null: its mean

  /**
   * @param {number[]} z
   * @param {number[]} start
   */
  begin(z, start) {
    Object.assign(this, { z: [...z], start: [...start], noise: null });
    this.own = new Set([...z.keys()].filter((d) => z[d] !== start[d]));
  }

  /**
   * @param {number} latent
   * @param {number} value
   */
  move(latent, value) {
    this.z[latent] = value;
    this.own.add(latent);
  }

  /**
   * Another start, which the latents follow that the visitor left alone.
   * @param {ArrayLike<number>} start
   * @param {ArrayLike<number>} [sd] of the posterior, for a sample
   */
  follow(start, sd) {
    this.start = Array.from(start);
    this.place(sd);
  }

  /** @param {ArrayLike<number>} sd of the posterior, of which this is another sample */
  resample(sd) {
    this.noise = this.z.map(normal);
    this.own.clear();
    this.place(sd);
  }

  /**
   * @param {Iterable<number>} latents that go back to the start
   * @param {ArrayLike<number>} [sd]
   */
  restore(latents, sd) {
    for (const latent of latents) {
      this.own.delete(latent);
      if (this.noise) this.noise[latent] = 0;
    }
    this.place(sd);
  }

  /** @param {ArrayLike<number>} [sd] */
  place(sd) {
    for (const d of this.z.keys()) {
      if (this.own.has(d)) continue;
      this.z[d] = this.start[d] + (this.noise && sd ? this.noise[d] * sd[d] : 0);
    }
  }
}
