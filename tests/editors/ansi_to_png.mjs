// A terminal's text with its colours as a picture: node ansi_to_png.mjs OUT.png TITLE <text
//   Run by make-screenshots, beside playwright-core. Knows the colours and attributes of SGR sequences; others go.
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const [picture, title] = process.argv.slice(2);
const background = "#14161b", foreground = "#e0e2ea";
const basic = ["#000000", "#c4515b", "#6fa968", "#c8a552", "#5a8fd6", "#a870c9", "#4fa8a8", "#c8ccd4",
  "#6b7280", "#e8707a", "#8fd088", "#e8c872", "#7ab0f0", "#c890e8", "#70c8c8", "#ffffff"];

function color256(index) {
  if (index < 16) return basic[index];
  const hex = (values) => "#" + values.map((value) => value.toString(16).padStart(2, "0")).join("");
  if (index >= 232) return hex(Array(3).fill(8 + (index - 232) * 10));
  const level = (n) => (n === 0 ? 0 : 55 + n * 40);
  const cube = index - 16;
  return hex([level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6)]);
}

// Changes `style` by the numbers of one sequence.
function apply(style, numbers) {
  for (let i = 0; i < numbers.length; ++i) {
    const n = numbers[i];
    if (n === 0) for (const name of Object.keys(style)) delete style[name];
    else if (n === 1) style.bold = true;
    else if (n === 2) style.dim = true;
    else if (n === 3) style.italic = true;
    else if (n === 4) style.underline = true;
    else if (n === 7) style.reverse = true;
    else if (n === 22) delete style.bold, delete style.dim;
    else if (n === 23) delete style.italic;
    else if (n === 24) delete style.underline;
    else if (n === 27) delete style.reverse;
    else if (n >= 30 && n <= 37) style.front = basic[n - 30];
    else if (n >= 90 && n <= 97) style.front = basic[n - 82];
    else if (n >= 40 && n <= 47) style.back = basic[n - 40];
    else if (n >= 100 && n <= 107) style.back = basic[n - 92];
    else if (n === 39) delete style.front;
    else if (n === 49) delete style.back;
    else if (n === 38 || n === 48) {
      const isDirect = numbers[i + 1] === 2;
      const color = isDirect ? `rgb(${numbers.slice(i + 2, i + 5).join()})` : color256(numbers[i + 2]);
      style[n === 38 ? "front" : "back"] = color;
      i += isDirect ? 4 : 2;
    }
  }
}

function css(style) {
  let front = style.front ?? foreground, back = style.back ?? "transparent";
  if (style.reverse) [front, back] = [style.back ?? background, style.front ?? foreground];
  return `color:${front};background:${back};` + (style.bold ? "font-weight:bold;" : "") + (style.dim ? "opacity:.6;" : "") +
    (style.italic ? "font-style:italic;" : "") + (style.underline ? "text-decoration:underline;" : "");
}

// A shade is drawn even, as many terminals do: dots make a large picture.
const shaded = (text) => text.replace(/░+/g, (run) => `<span style="opacity:.25">${"█".repeat(run.length)}</span>`);
const escaped = (text) => text.replace(/[&<>]/g, (one) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[one]);

function html(text) {
  const style = {};
  let out = "";
  for (const part of text.split(/(\x1b\[[0-9;:]*m)/)) {
    const sequence = /^\x1b\[([0-9;:]*)m$/.exec(part);
    if (sequence) apply(style, sequence[1].split(/[;:]/).map(Number));
    else if (part !== "") out += `<span style="${css(style)}">${shaded(escaped(part.replace(/\x1b[^m]*[A-Za-z]|[\x00-\x08\x0b-\x1f]/g, "")))}</span>`;
  }
  return out;
}

const page_text = `<body style="margin:0;display:inline-block;background:#2a2d35;font-family:DejaVu Sans,sans-serif">
<div style="padding:6px 12px;color:#aab;font-size:13px">${escaped(title)}</div>
<pre style="margin:0;padding:10px 14px;background:${background};font:15px/1.3 DejaVu Sans Mono,monospace">${html(readFileSync(0, "utf8"))}</pre></body>`;

const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
const page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
await page.setContent(page_text);
await page.locator("body").screenshot({ path: picture });
await browser.close();
