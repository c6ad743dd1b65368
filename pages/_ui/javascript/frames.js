// @ts-check
/** When to draw: at most once a frame, however often it is asked for. */

export class NextFrame {
  pending = 0;

  /** @param {() => void} act */
  constructor(act) {
    this.act = act;
  }

  /** At the next frame. */
  ask() {
    this.pending ||= requestAnimationFrame(() => this.now());
  }

  /** At once, and so not at the next frame. */
  now() {
    this.cancel();
    this.act();
  }

  cancel() {
    cancelAnimationFrame(this.pending);
    this.pending = 0;
  }
}
