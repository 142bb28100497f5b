import js from "@eslint/js";

export default [
  { ignores: [".venv/", "build/", "node_modules/"] },
  js.configs.recommended,
  {
    // Whether a name exists is checked by tsc.
    rules: {
      "no-undef": "off",
      "no-unused-vars": ["error", { varsIgnorePattern: "^_", argsIgnorePattern: "^_" }],
      "no-console": "error",
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-new-func": "error",
      "no-control-regex": "off",
      eqeqeq: "error",
      curly: ["error", "multi-line"],
      "prefer-const": "error",
      "no-var": "error",
      "no-restricted-properties": [
        "error",
        ...["innerHTML", "outerHTML", "insertAdjacentHTML", "srcdoc"].map((property) => ({
          property,
          message: "Text is set as text.",
        })),
      ],
    },
  },
];
