// Drives VS Code in a browser: node vscode_drive.mjs URL SERVER_NAME STATE [PICTURE.png]. Run by try-vscode.
// With scripted_server the texts are known and compared; with a model it is only demanded that there are some.
import assert from "node:assert";
import { readFile, readdir } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { chromium } from "playwright-core";

const [url, serverName, state, picture] = process.argv.slice(2);
const isScripted = serverName === "scripted_server";
const limit = 180_000;  // a busy machine takes a minute to start all this
const started = Date.now();
const say = (text) => console.log(`${((Date.now() - started) / 1000).toFixed(1).padStart(6)} s  ${text}`);

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync"],
});
const page = await browser.newPage({ viewport: { width: 1000, height: 520 } });
page.setDefaultTimeout(limit);
// What explains a page that stays blank.
const troubles = [];
page.on("pageerror", (problem) => troubles.push(problem.message));
page.on("requestfailed", (request) => troubles.push(`${request.url()}: ${request.failure()?.errorText}`));
page.on("response", (response) => response.status() >= 400 && troubles.push(`${response.url()}: ${response.status()}`));

const plain = (texts) => texts.map((text) => text.replaceAll("\u00a0", " "));
const text = async () => {
  // Lines are drawn in any order.
  const lines = await page.$$eval(".editor-instance .view-line", (all) =>
    all.map((line) => [parseFloat(line.style.top), line.textContent]).sort((a, b) => a[0] - b[0]).map((line) => line[1]));
  return plain(lines).join("\n");
};
const ghost = async () => plain(await page.$$eval(
  ".ghost-text-decoration, .ghost-text, .ghost-text-decoration-preview", (all) => all.map((one) => one.textContent))).join("");

async function until(what, look, isGood) {
  let seen;
  for (const end = Date.now() + limit; Date.now() < end; await page.waitForTimeout(100)) {
    seen = await look();
    if (isGood(seen)) {
      say(`${what}: ${JSON.stringify(seen)}`);
      return seen;
    }
  }
  assert.fail(`${what}: not seen; there is ${JSON.stringify(seen)}`);
}

async function open(file) {
  await page.locator(".explorer-folders-view .monaco-list-row", { hasText: file }).dblclick();
  await page.waitForSelector(`.tab.active[data-resource-name="${file}"]`);
  await page.locator(".editor-instance .view-lines").click();
}

async function complete() {
  await open("shapes.py");
  const status = () => page.$$eval(".statusbar-item", (all) =>
    all.map((one) => one.getAttribute("aria-label") ?? "").filter((label) => label.includes("Seedling")).join("; "));
  if (isScripted) await until("the status bar", status, (label) => label.includes("loading the model"));
  await until("the status bar", status, (label) => label.includes("running") && !label.includes("loading"));
  await page.keyboard.press("Control+End");
  await page.keyboard.press("Enter");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.type(isScripted ? "def area(" : process.env.SEEDLING_PROMPT ?? "def rectangle_area(", { delay: 60 });
  const shown = await until("ghost text", ghost, (seen) => seen.trim() !== "");
  await page.waitForTimeout(500);
  if (picture) await page.screenshot({ path: picture });
  if (isScripted) assert.ok(shown.includes("width, height):"), shown);
  if (isScripted) {
    await page.keyboard.press("Alt+]");
    await until("the next alternative", ghost, (seen) => seen.includes("shape):"));
    await page.keyboard.press("Alt+[");
    await until("the one before", ghost, (seen) => seen.includes("width, height):"));
    await page.keyboard.press("Control+ArrowRight");
    await until("a word accepted", text, (seen) => seen.includes("def area(width"));
  }
  await page.keyboard.press("Tab");
  await until("all accepted", ghost, (seen) => seen === "");
  if (isScripted) assert.ok((await text()).includes("def area(width, height):\n    return width * height"), await text());
}

// Commands by keys of our own (try-vscode binds them): what a key with a modifier types depends on the layout that
// the browser believes in.
const keys = { trigger: "F6", next: "F7", acceptWord: "F8", actions: "F9", nextProblem: "F10" };

async function goTo(place) {
  await page.keyboard.press("Control+G");
  await page.locator(".quick-input-widget input").waitFor();
  await page.keyboard.type(place);
  await page.keyboard.press("Enter");
  const [line, column] = place.split(":");
  await page.getByText(`Ln ${line}, Col ${column}`).waitFor();
}

async function choose(title) {
  const rows = page.locator(".action-widget .monaco-list-row.action");
  // Servers that are still starting have nothing to offer yet, and VS Code does not ask them again by itself.
  let titles = [];
  const find = () => titles.findIndex((one) => title.test(one));
  for (const end = Date.now() + limit; find() < 0 && Date.now() < end; ) {
    await page.keyboard.press("Escape");
    await page.keyboard.press(keys.actions);
    await rows.first().waitFor({ timeout: 10_000 }).catch(() => {});
    titles = plain(await rows.allTextContents());
  }
  say(`the menu: ${JSON.stringify(titles)}`);
  const index = find();
  assert.ok(index >= 0, `the menu has no ${title}`);
  // The keyboard, as the widget keeps the pointer for itself; the first entry has the focus.
  for (let i = 0; i < index; ++i) await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
}

async function fix() {
  await open("words.ts");
  // TypeScript's own server finds the misspelt member.
  await page.waitForSelector(".squiggly-error");
  say("TypeScript complains");
  await goTo("4:14");
  await choose(/Fix: Property/);
  await until("fixed", text, (seen) => !seen.includes("lenght"));
  await page.keyboard.press("Control+Z");
  await until("the fix taken back", text, (seen) => seen.includes("lenght"));
}

async function extract() {
  await open("words.ts");
  await goTo("4:9");
  for (let i = 0; i < "word.lenght > best.length".length; ++i) await page.keyboard.press("Shift+ArrowRight");
  const before = await text();
  await choose(/Extract variable/);
  await until("extracted", text, (seen) => seen !== before);
}

// Asked for by hand: something comes in a place where nobody would offer anything.
async function invoke() {
  await open("shapes.py");
  await page.keyboard.press("Control+End");
  await page.keyboard.type("\nprint(", { delay: 60 });
  await page.keyboard.press("Escape");
  await until("silence", ghost, (seen) => seen === "");
  await page.keyboard.press(keys.trigger);
  const first = await until("what was asked for", ghost, (seen) => seen.trim() !== "");
  await page.keyboard.press(keys.next);
  const second = await until("an alternative", ghost, (seen) => seen.trim() !== "" && seen !== first);
  await page.keyboard.press(keys.acceptWord);
  await until("the rest, with a word of it accepted", ghost, (seen) => seen !== second && second.endsWith(seen));
  await page.keyboard.press("Escape");
}

// Python has no server here but ours.
async function diagnose() {
  await open("names.py");
  await page.waitForSelector(".squiggly-error, .squiggly-warning");
  say("an undeclared name is underlined");
  await page.keyboard.press(keys.nextProblem);
  const message = () => page.$$eval(".marker-widget", (all) => all.map((one) => one.textContent).join(""));
  await until("what it says", message, (seen) => seen.includes("vlaues"));
  await page.keyboard.press("Escape");
  await choose(/Fix: .*vlaues/);
  await until("the name fixed", text, (seen) => !seen.includes("vlaues"));
}

// Nothing is wrong in the output of the extension, its servers and their common engine, nor did a message come up.
async function complaints() {
  const found = await page.$$eval(".notification-toast", (all) => all.map((one) => one.textContent));
  for (const folder of ["user/logs", "run"]) {
    for (const entry of await readdir(path.join(state, folder), { recursive: true })) {
      if (!/seedling[^/]*(\/.*)?\.log$/i.test(entry)) continue;
      const lines = (await readFile(path.join(state, folder, entry), "utf8")).split("\n");
      say(`${entry}: ${lines.length - 1} lines`);
      found.push(...lines.filter((line) => /\b(warn|warning|error|fatal)\b/i.test(line)));
    }
  }
  assert.deepEqual(found.filter((one) => /seedling|error|warn/i.test(one)), []);
}

// VS Code may not listen yet.
async function start() {
  for (const end = Date.now() + limit; ; await page.waitForTimeout(500)) {
    const problem = await page.goto(url).then(() => undefined, (thrown) => thrown);
    if (problem === undefined) return;
    if (Date.now() > end || !problem.message.includes("ERR_CONNECTION_REFUSED")) throw problem;
  }
}

let code = 0;
// A picture needs the first two only.
const rest = isScripted ? [fix, extract, complaints] : [invoke, diagnose, fix, extract, complaints];
for (const step of picture ? [start, complete] : [start, complete, ...rest]) {
  say(step.name);
  await step().catch((problem) => {
    code = 1;
    console.error(`vscode_drive: ${step.name}: ${problem.message}`);
  });
  if (code !== 0) break;
}
if (code !== 0) {
  const failure = path.join(os.tmpdir(), "try-vscode-failed.png");
  await page.screenshot({ path: failure });
  console.error(`vscode_drive: the window is in ${failure}`);
}
if (code !== 0) console.error(troubles.slice(0, 8).join("\n"));
await browser.close();
process.exit(code);
