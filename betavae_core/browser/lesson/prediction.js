// @ts-check
/** A guess, which is made before the answer is shown. */
import { required } from "../controls/elements.js";

/** @typedef {{[guess: string]: string}} Gaps what is said of each guess, as HTML */

/**
 * @param {HTMLFormElement} form
 * @param {Gaps} gaps by the numbers of the chosen options; none if there are too many
 */
export function askFor(form, gaps) {
  const answer = /** @type {HTMLDetailsElement} */ (form.nextElementSibling);
  const names = [...new Set([...form.elements].map((field) => field.getAttribute("name")))];
  const fields = names.filter((name) => name !== null);
  for (const slider of form.querySelectorAll("input[type=range]")) {
    const texts = JSON.parse(slider.getAttribute("data-texts") ?? "[]");
    const output = /** @type {HTMLOutputElement} */ (slider.nextElementSibling);
    slider.addEventListener("input", () => {
      output.value = texts[Number(/** @type {HTMLInputElement} */ (slider).value)];
    });
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const chosen = new FormData(form);
    const guess = fields.map((name) => chosen.get(name) ?? "").join(",");
    const complete = Object.keys(gaps).length === 0 || guess in gaps;
    required(form, "[data-part=refusal]").textContent =
      complete ? "" : "Guess first, with a different choice in each line.";
    if (!complete) return;
    if (guess in gaps) required(answer, "[data-part=gap]").innerHTML = gaps[guess];
    answer.classList.add("told");
    answer.open = true;
    for (const field of form.elements) field.setAttribute("disabled", "");
  });
}
