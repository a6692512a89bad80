import js from "@eslint/js";
import globals from "globals";

const HTML_FROM_TEXT = "what people type must never become markup";

export default [
  js.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "consistent-return": "error",
      "max-lines": ["error", 600],
      "max-lines-per-function": ["error", 70],
      "no-empty": ["error", { allowEmptyCatch: false }],
      "no-implicit-coercion": ["error", { boolean: false }],
      "no-return-assign": "error",
      "no-shadow": "error",
      "no-throw-literal": "error",
      "no-unused-vars": ["error", { args: "after-used" }],
      "no-use-before-define": ["error", { functions: false, classes: false }],
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": "error",
      eqeqeq: "error",
    },
  },
  {
    files: ["web/**"],
    languageOptions: { globals: globals.browser },
    rules: {
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-new-func": "error",
      "no-restricted-properties": [
        "error",
        { property: "innerHTML", message: HTML_FROM_TEXT },
        { property: "outerHTML", message: HTML_FROM_TEXT },
        { property: "insertAdjacentHTML", message: HTML_FROM_TEXT },
      ],
    },
  },
  { files: ["tests/**", "tools/**"], languageOptions: { globals: globals.node } },
  // Functions given to page.evaluate() run in the browser.
  { files: ["tests/browser/**", "tools/**"], languageOptions: { globals: globals.browser } },
];
