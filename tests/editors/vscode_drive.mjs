// Drives VS Code in a browser: node vscode_drive.mjs URL SERVER_NAME [PICTURE.png]. Run by try-vscode.
// With scripted_server the texts are known and compared; with a model it is only demanded that there are some.
import assert from "node:assert";
import os from "node:os";
import path from "node:path";
import { chromium } from "playwright-core";

const [url, serverName, picture] = process.argv.slice(2);
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
  const state = () => page.$$eval(".statusbar-item", (all) =>
    all.map((one) => one.getAttribute("aria-label") ?? "").find((label) => label.includes("Seedling")) ?? "");
  await until("the status bar", state, (label) => label.includes("running"));
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
  // Asked while the last question is still open, VS Code says that there are none.
  for (let i = 0; i < 10 && (await rows.count()) === 0; ++i) {
    await page.keyboard.press("Control+.");
    await rows.first().waitFor({ timeout: 10_000 }).catch(() => {});
  }
  const titles = plain(await rows.allTextContents());
  say(`the menu: ${JSON.stringify(titles)}`);
  const index = titles.findIndex((one) => title.test(one));
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
}

async function extract() {
  await page.keyboard.press("Control+Z");
  await until("the fix taken back", text, (seen) => seen.includes("lenght"));
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
  await page.keyboard.press("Alt+\\");
  const shown = await until("what was asked for", ghost, (seen) => seen.trim() !== "");
  await page.keyboard.press("Control+ArrowRight");
  await until("the rest, with a word of it accepted", ghost, (seen) => seen !== shown && shown.endsWith(seen));
  await page.keyboard.press("Escape");
}

// Python has no server here but ours.
async function diagnose() {
  await open("names.py");
  await page.waitForSelector(".squiggly-error, .squiggly-warning");
  say("an undeclared name is underlined");
  await page.keyboard.press("F8");
  const message = () => page.$$eval(".marker-widget", (all) => all.map((one) => one.textContent).join(""));
  await until("what it says", message, (seen) => seen.includes("vlaues"));
  await page.keyboard.press("Escape");
}

const start = () => page.goto(url);

let code = 0;
// A picture needs the first two only.
const rest = isScripted ? [fix, extract] : [invoke, diagnose, fix, extract];
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
