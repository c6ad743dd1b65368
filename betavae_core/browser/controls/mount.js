// @ts-check
/** What Streamlit calls on every rerun of a page, with the same parent element. */
import { required } from "./elements.js";

/** @typedef {(name: string, value: unknown) => void} Tell Python, which then runs the page again */
/**
 * @template D
 * @typedef {{parentElement: ParentNode, data: D, setStateValue: Tell}} Component
 */
/**
 * @template D
 * @typedef {{update(data: D, tell: Tell): void, remove(): void}} Shown
 */

/**
 * One instance for each root element, made on the first call, updated on every one.
 * @template D
 * @param {string} selector of the root element
 * @param {new (root: HTMLElement) => Shown<D>} Kind
 * @returns {(component: Component<D>) => () => void} which returns how to take it away
 */
export function mounted(selector, Kind) {
  /** @type {WeakMap<HTMLElement, Shown<D>>} */
  const instances = new WeakMap();
  return ({ parentElement, data, setStateValue }) => {
    const root = required(parentElement, selector);
    const shown = instances.get(root) ?? new Kind(root);
    instances.set(root, shown);
    shown.update(data, setStateValue);
    return () => {
      if (instances.delete(root)) shown.remove();
    };
  };
}
