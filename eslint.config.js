/* One way to write the JavaScript that runs in browsers; their types are tsc's. */
import js from "@eslint/js";

const named = (...names) => Object.fromEntries(names.map((name) => [name, "readonly"]));

const BROWSER = named(
  "AbortController", "atob", "Blob", "cancelAnimationFrame", "clearTimeout",
  "DecompressionStream", "document", "Element", "fetch", "FormData", "getComputedStyle",
  "HTMLElement", "Image", "ImageData", "performance", "requestAnimationFrame", "ResizeObserver",
  "Response", "setTimeout", "TextDecoder",
);
const NODE = named("console", "process", "TextEncoder");

export default [
  { ignores: ["**/.venv/", "node_modules/"] },
  js.configs.recommended,
  {
    rules: {
      eqeqeq: "error",
      "max-len": ["error", { code: 100 }],
      "max-lines": ["error", 120],
      "no-shadow": ["error", { builtinGlobals: true }],
      "no-unused-expressions": "error",
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": "error",
      "prefer-template": "error",
      "quotes": ["error", "double", { avoidEscape: true }],
      semi: "error",
    },
  },
  { files: ["betavae_core/browser/**/*.js"], languageOptions: { globals: BROWSER } },
  { files: ["tests/**/*.mjs"], languageOptions: { globals: NODE } },
];
