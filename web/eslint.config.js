import compat from "eslint-plugin-compat";
import jsxA11y from "eslint-plugin-jsx-a11y";
import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";
import { tooNew } from "./dev/too_new.js";

const statics = tooNew().filter((each) => each.isStatic);

export default tseslint.config(
  { ignores: ["dist", "node_modules", "src/api/schema.d.ts"] },
  ...tseslint.configs.recommended.map((each) => ({ ...each, files: ["{src,wait}/**/*.{ts,tsx}"] })),
  {
    files: ["{src,wait}/**/*.{ts,tsx}"],
    plugins: { compat, "react-hooks": hooks, "jsx-a11y": jsxA11y },
    rules: {
      ...jsxA11y.flatConfigs.recommended.rules,
      "react-hooks/rules-of-hooks": "error",
      "react-hooks/exhaustive-deps": "error",
      "no-console": "error",
      // What the oldest browsers served (browserslist in package.json) don't have; the language's
      // own methods are kept out by tsconfig.json's lib.
      "compat/compat": "error",
      "no-restricted-properties": [
        "error",
        ...statics.map(({ object, member }) => ({
          object,
          property: member,
          message: "Not in every browser that we serve.",
        })),
      ],
    },
  },
  { files: ["**/*.test.{ts,tsx}"], rules: { "no-restricted-properties": "off" } },
);
