// The pure part of the extension: npm test
const test = require("node:test");
const assert = require("node:assert");
const fs = require("node:fs");
const path = require("node:path");
const server = require("../src/server.js");
const manifest = require("../package.json");

const { defaults } = server;
const found = (settings, files, searchPath = "/usr/bin:/opt/bin") =>
  server.findServer({ ...defaults, ...settings }, "/ext", searchPath, (file) => files.includes(file));

test("the setting comes before the extension's own server and PATH", () => {
  const files = ["/home/me/seedling", "/ext/server/seedling", "/opt/bin/seedling"];
  assert.equal(found({ serverPath: "/home/me/seedling" }, files), "/home/me/seedling");
  assert.equal(found({}, files), "/ext/server/seedling");
  assert.equal(found({}, files.slice(2)), "/opt/bin/seedling");
});

test("PATH is searched in its order", () => {
  assert.equal(found({}, ["/opt/bin/seedling", "/usr/bin/seedling"]), "/usr/bin/seedling");
  assert.equal(found({}, ["seedling"], ""), undefined);
});

test("a setting that leads nowhere is an error, not a reason to take another server", () => {
  assert.equal(found({ serverPath: "/gone" }, ["/ext/server/seedling"]), undefined);
  assert.match(server.missingServer({ ...defaults, serverPath: "/gone" }), /\/gone .*seedling\.serverPath/);
  assert.match(server.missingServer(defaults), /scripts\/demo/);
});

test("only an executable file is a server", () => {
  assert.equal(server.isExecutable(process.execPath), true);
  assert.equal(server.isExecutable(path.dirname(process.execPath)), false);
  assert.equal(server.isExecutable(__filename), false);
  assert.equal(server.isExecutable("/nowhere/seedling"), false);
});

test("model and device go onto the command line, the rest to the server", () => {
  assert.deepEqual(server.serverArguments(defaults), ["lsp", "--stdio", "--log-level", "warn"]);
  const given = { ...defaults, model: "/m", device: "cuda", logLevel: "debug" };
  assert.deepEqual(server.serverArguments(given),
    ["lsp", "--stdio", "--log-level", "debug", "--model", "/m", "--device", "cuda"]);
  assert.deepEqual(server.serverArguments({ ...defaults, shareEngine: false }),
    ["lsp", "--no-share", "--log-level", "warn"]);
  assert.deepEqual(Object.keys(server.forServer(given)).sort(),
    ["candidates", "enable", "exclude", "idleUnloadMinutes", "languages", "latencyBudgetMs", "logLevel", "maxLines",
      "diagnostics", "minConfidence", "prefetch", "trigger"].sort());
});

test("each setting is read by its name", () => {
  const read = server.readSettings((name, fallback) => (name === "maxLines" ? 3 : fallback));
  assert.deepEqual(read, { ...defaults, maxLines: 3 });
});

test("the manifest offers every setting with the same default", () => {
  const properties = manifest.contributes.configuration.properties;
  const offered = Object.fromEntries(
    Object.entries(properties).map(([name, property]) => [name.replace("seedling.", ""), property.default]));
  assert.deepEqual(offered, defaults);
});

test("every command of the palette is one of the extension's, and none is one of the server's", () => {
  const source = fs.readFileSync(path.join(__dirname, "../src/extension.ts"), "utf8");
  for (const { command } of manifest.contributes.commands) {
    assert.ok(source.includes(`registerCommand("${command}"`), command);
    assert.ok(!["seedling.accepted", "seedling.apply", "seedling.snooze"].includes(command), command);
  }
});

test("a nap is a number of minutes that the server takes", () => {
  for (const minutes of Object.values(server.naps)) assert.ok(Number.isInteger(minutes) && minutes >= 0 && minutes <= 10080);
  assert.ok(Object.values(server.naps).includes(0));
});

test("the extension starts for every language it serves", () => {
  assert.deepEqual(manifest.activationEvents, server.languages.map((language) => `onLanguage:${language}`));
});
