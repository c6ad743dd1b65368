// @ts-check
/** The script of a lesson that stands alone: its predictions and its live views. */
import { required } from "../controls/elements.js";
import { askFor } from "./prediction.js";
import { showView } from "./views.js";

/** @type {{views: Parameters<typeof showView>[1][], gaps: Parameters<typeof askFor>[1][]}} */
const lesson = JSON.parse(required(document, "#data").textContent ?? "");
for (const form of document.querySelectorAll("form")) {
  askFor(form, lesson.gaps[Number(form.dataset.prediction)]);
}
document.documentElement.classList.add("asking");
const hosts = /** @type {NodeListOf<HTMLElement>} */ (
  document.querySelectorAll("[data-part=view]"));
Promise.all([...hosts].map((host) => showView(host, lesson.views[Number(host.dataset.view)]))).then(
  () => document.documentElement.classList.add("live"),
  (error) => {
    required(document, "[data-part=still-note]").textContent =
      `The models cannot run in this browser, so that the pictures stay still: ${error.message}`;
    throw error;
  },
);
