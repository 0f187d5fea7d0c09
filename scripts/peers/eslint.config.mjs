// Only no-undef, with the globals that Seedling knows too: grammars/javascript/words.txt.
import { readFileSync } from "node:fs";

const words = readFileSync(new URL("../../grammars/javascript/words.txt", import.meta.url), "utf8");
const known = words.split(/^\[(?=builtins|globals)/m).slice(1).join(" ").split(/\s+/).filter((word) => /^[\w$]+$/.test(word));
const globals = Object.fromEntries(known.map((name) => [name, "writable"]));
const modules = { ecmaVersion: "latest", sourceType: "module", globals, parserOptions: { ecmaFeatures: { jsx: true } } };

export default [
  { files: ["**/*.js", "**/*.mjs", "**/*.jsx"], languageOptions: modules, rules: { "no-undef": "error" } },
  { files: ["**/*.cjs"], languageOptions: { ...modules, sourceType: "commonjs" }, rules: { "no-undef": "error" } },
];
