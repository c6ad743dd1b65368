// @ts-check
/** Keys and presenter remotes that press the page's buttons for the next and the last step. */

/** @typedef {{next: string, back: string}} Buttons the CSS selectors of the two buttons */

const NEXT = ["ArrowRight", "PageDown"];
const BACK = ["ArrowLeft", "PageUp"];
const TAKES_ARROWS = "input, textarea, select, [contenteditable], [role=slider], [role=radio], svg";

export class StepKeys {
  listeners = new AbortController();
  buttons = /** @type {Buttons} */ ({ next: "", back: "" });

  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    const { signal } = this.listeners;
    // before a slider takes Page Up and Page Down, which are the keys of a remote
    document.addEventListener("keydown", (event) => this.press(event), { capture: true, signal });
  }

  /** @param {Buttons} data */
  update(data) {
    this.buttons = data;
    this.root.dataset.ready = "true";
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const { key } = event;
    const wanted = NEXT.includes(key) ? this.buttons.next : this.buttons.back;
    if (![...NEXT, ...BACK].includes(key) || event.ctrlKey || event.altKey || event.metaKey) return;
    const [target] = event.composedPath();
    const used = target instanceof Element && target.closest(TAKES_ARROWS);
    if (key.startsWith("Arrow") && used) return;
    const button = document.querySelector(wanted);
    if (!(button instanceof HTMLElement)) return;
    event.preventDefault();
    event.stopPropagation();
    button.click();
  }

  remove() {
    this.listeners.abort();
  }
}
