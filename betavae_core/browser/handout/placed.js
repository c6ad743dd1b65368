// @ts-check
/** A component in a shadow root of its own, so that its style stays inside, as on a page of the
 * dashboard. What stood there before, a still picture, is then not shown any more. */
import { required } from "../controls/elements.js";

/**
 * @param {HTMLElement} host
 * @param {string} name of the component
 * @returns {HTMLElement} its root element
 */
export function placed(host, name) {
  const template = required(document, `template[data-component="${name}"]`);
  const shadow = host.attachShadow({ mode: "open" });
  shadow.append(/** @type {HTMLTemplateElement} */ (template).content.cloneNode(true));
  return required(shadow, ".component");
}
