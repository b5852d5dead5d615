import js from "@eslint/js";

export default [
  { ignores: [".venv/", "build/", "var/"] },
  js.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "no-undef": "off", // tsc knows the names of a browser; tests import what they use.
      eqeqeq: "error",
      "no-var": "error",
      "prefer-const": "error",
      "object-shorthand": "error",
      curly: ["error", "multi-line"],
      "no-shadow": "error",
      "no-implicit-coercion": "error",
      "no-param-reassign": "error",
      "no-eval": "error",
      "no-implied-eval": "error",
      complexity: ["error", 10],
      "max-lines-per-function": ["error", 50],
    },
  },
  { files: ["tests/**"], rules: { "max-lines-per-function": "off" } }, // A describe is one function.
];
