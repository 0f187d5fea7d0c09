// Prints those of its arguments that TypeScript's own parser accepts, a line each. NODE_PATH names the folder that holds
// the package typescript.
const fs = require("fs");
const ts = require("typescript");

for (const path of process.argv.slice(2)) {
  const kind = path.endsWith("x") ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  const file = ts.createSourceFile(path, fs.readFileSync(path, "utf8"), ts.ScriptTarget.Latest, false, kind);
  if (file.parseDiagnostics.length === 0) console.log(path);
}
