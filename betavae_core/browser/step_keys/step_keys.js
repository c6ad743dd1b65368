// @ts-check
/** Keys and presenter remotes that press the page's buttons for the next step, the last one and the
 * reason; and the page's place after that: a new step begins at its title. */

/**
 * @typedef {{next: string, back: string, why: string, place: string, told: boolean}} Step the CSS
 *   selectors of the buttons; the name of the step, and whether its answer is shown
 */

/** @type {{[key: string]: "next" | "back" | "why"}} */
const KEYS = {
  ArrowRight: "next", PageDown: "next", ArrowLeft: "back", PageUp: "back", ArrowDown: "why",
};
const TAKES_ARROWS = "input, textarea, select, [contenteditable], [role=slider], [role=radio], svg";
const MOST_FRAMES = 60; // until what is new must have been drawn
const MOST_WAITING = 5_000; // milliseconds that a key waits for what the one before it asked for

export class StepKeys {
  listeners = new AbortController();
  step = /** @type {Step | null} */ (null);
  /**
   * keys that came before the page had answered the one before them: its buttons were still those
   * of the former step
   * @type {("next" | "back" | "why")[]}
   */
  waiting = [];
  asked = 0; // the timer of what was asked for and is not yet shown; 0: all is

  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    const { signal } = this.listeners;
    // before a slider takes Page Up and Page Down, which are the keys of a remote
    document.addEventListener("keydown", (event) => this.press(event), { capture: true, signal });
  }

  /** @param {Step} data */
  update(data) {
    const before = this.step;
    this.step = data;
    this.root.dataset.ready = "true";
    if (before === null) return;
    if (before.place === data.place && before.told === data.told) return;
    this.answered();
    if (before.place !== data.place) this.goTo("h1", "end"); // with all that stands above the title
    else if (data.told && !before.told) this.goTo(".st-key-gap", "nearest");
  }

  /**
   * @param {string} selector of what should be in sight
   * @param {ScrollLogicalPosition} block
   * @param {number} frames that it may still take to be drawn
   */
  goTo(selector, block, frames = MOST_FRAMES) {
    const found = document.querySelector(selector);
    if (found) found.scrollIntoView({ block });
    else if (frames > 0) requestAnimationFrame(() => this.goTo(selector, block, frames - 1));
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const { key } = event;
    const name = KEYS[key];
    if (!this.step || !name || event.ctrlKey || event.altKey || event.metaKey) return;
    const [target] = event.composedPath();
    const used = target instanceof Element && target.closest(TAKES_ARROWS);
    if (key.startsWith("Arrow") && used) return;
    if (this.asked) {
      if (!event.repeat) this.waiting.push(name);
    } else if (!this.turn(name)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  /**
   * Press the button of a key.
   * @param {"next" | "back" | "why"} name
   * @returns {boolean} whether it is there
   */
  turn(name) {
    const button = this.step && document.querySelector(this.step[name]);
    if (!(button instanceof HTMLElement)) return false;
    button.click();
    if (name !== "why") this.asked = setTimeout(() => this.answered(), MOST_WAITING);
    return true;
  }

  /** What was asked for is shown, or does not come: the next key is pressed that has a button. */
  answered() {
    clearTimeout(this.asked);
    this.asked = 0;
    while (!this.asked && this.waiting.length) {
      const name = this.waiting.shift();
      if (name) this.turn(name);
    }
  }

  remove() {
    clearTimeout(this.asked);
    this.listeners.abort();
  }
}
