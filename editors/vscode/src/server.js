// Where the server is and how it is started. Knows nothing of VS Code and is plain JavaScript, so that Node's test
// runner tries it as it stands; the compiler checks its types all the same.
"use strict";
const fs = require("node:fs");
const path = require("node:path");

/**
 * @typedef {object} Settings
 * @property {boolean} enable
 * @property {string[] | Record<string, boolean>} languages
 * @property {string[]} exclude
 * @property {string} trigger
 * @property {number} maxLines
 * @property {number} candidates
 * @property {number} latencyBudgetMs
 * @property {number | null} minConfidence
 * @property {boolean} prefetch
 * @property {boolean} diagnostics
 * @property {string} model
 * @property {string} device
 * @property {number} idleUnloadMinutes
 * @property {boolean} shareEngine
 * @property {string} logLevel
 * @property {string} serverPath
 */

const languages = ["python", "c", "cpp", "javascript", "javascriptreact", "typescript", "typescriptreact",
  "go", "rust", "java"];

// These are read when the server starts; the others it takes while it runs.
const startSettings = ["model", "device", "shareEngine", "serverPath"];

/** @type {Settings} */
const defaults = {
  enable: true,
  languages: [],
  exclude: ["**/.env*", "**/*.pem", "**/*.key", "**/id_rsa*", "**/secrets.*"],
  trigger: "automatic",
  maxLines: 8,
  candidates: 3,
  latencyBudgetMs: 500,
  minConfidence: null,
  prefetch: true,
  diagnostics: false,
  model: "",
  device: "cpu",
  idleUnloadMinutes: 30,
  shareEngine: true,
  logLevel: "warn",
  serverPath: "",
};

/** @param {(name: string, fallback: any) => any} read  @returns {Settings} */
function readSettings(read) {
  const entries = Object.entries(defaults).map(([name, fallback]) => [name, read(name, fallback)]);
  return Object.fromEntries(entries);
}

/** What the server is told; the rest is for its command line. @param {Settings} settings */
function forServer(settings) {
  const { serverPath: _path, model: _model, device: _device, shareEngine: _shares, ...rest } = settings;
  return rest;
}

/** @param {Settings} settings  @returns {string[]} */
function serverArguments(settings) {
  const given = ["lsp", settings.shareEngine ? "--stdio" : "--no-share", "--log-level", settings.logLevel];
  if (settings.model !== "") given.push("--model", settings.model);
  if (settings.device !== "cpu") given.push("--device", settings.device);
  return given;
}

/** @param {string} file  @returns {boolean} */
function isExecutable(file) {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

/**
 * The setting, else the binary in the extension, else the one in PATH. A setting that leads nowhere is not passed over
 * in silence: the answer is then undefined, as it is when there is no server at all.
 * @param {Settings} settings
 * @param {string} extensionFolder
 * @param {string} searchPath
 * @param {(file: string) => boolean} isThere
 * @returns {string | undefined}
 */
function findServer(settings, extensionFolder, searchPath, isThere = isExecutable) {
  if (settings.serverPath !== "") return isThere(settings.serverPath) ? settings.serverPath : undefined;
  const folders = searchPath.split(path.delimiter).filter((folder) => folder !== "");
  const candidates = [path.join(extensionFolder, "server", "seedling")];
  for (const folder of folders) candidates.push(path.join(folder, "seedling"));
  return candidates.find(isThere);
}

/** @param {Settings} settings  @returns {string} */
function missingServer(settings) {
  if (settings.serverPath !== "") return `There is no program at ${settings.serverPath} (setting seedling.serverPath).`;
  return "The server is missing: build it with ./scripts/demo and name it in the setting seedling.serverPath.";
}

// How long typing brings nothing, in minutes; 0 ends it.
const naps = { "5 minutes": 5, "30 minutes": 30, "2 hours": 120, "The rest of the day": 720, "Wake up": 0 };

module.exports = {
  defaults, findServer, forServer, isExecutable, languages, missingServer, naps, readSettings, serverArguments,
  startSettings,
};
