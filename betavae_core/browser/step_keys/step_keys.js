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

export class StepKeys {
  listeners = new AbortController();
  step = /** @type {Step | null} */ (null);

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
    const button = document.querySelector(this.step[name]);
    if (!(button instanceof HTMLElement)) return;
    event.preventDefault();
    event.stopPropagation();
    button.click();
  }

  remove() {
    this.listeners.abort();
  }
}
