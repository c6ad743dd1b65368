// @ts-check
/** When to draw: at most once a frame, however often it is asked for. */

const REST = 300; // ms

/** Acts once, when it was not asked for a while. */
export class Rest {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  waiting = undefined;

  /** @param {() => void} act */
  constructor(act) {
    this.act = act;
  }

  ask() {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(this.act, REST);
  }
}

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

  /** Not later than now, if it was asked for. */
  finish() {
    if (this.pending) this.now();
  }

  cancel() {
    cancelAnimationFrame(this.pending);
    this.pending = 0;
  }
}
