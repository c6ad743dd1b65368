// @ts-check
/** The script of a page to take home: brings its still pictures to life. */
import { required } from "../controls/elements.js";
import { HandoutPage } from "./page.js";

new HandoutPage().enliven().then(
  () => document.documentElement.classList.add("live"),
  (error) => {
    required(document, "[data-part=still-note]").textContent =
      `The models cannot run in this browser, so that the pictures stay still: ${error.message}`;
    throw error;
  },
);
