// The HTML report of a hostile workspace in a real browser: `cargo run -p drawbridge-report --example page` makes it.
// DRAWBRIDGE_PAGE names the file, DRAWBRIDGE_CHROMIUM the browser; the driver is the extension's.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";

const file = process.env.DRAWBRIDGE_PAGE;
const executablePath = process.env.DRAWBRIDGE_CHROMIUM;
const missing = !file || !executablePath;
if (missing && process.env.CI === "true") {
  throw new Error("CI must set DRAWBRIDGE_PAGE and DRAWBRIDGE_CHROMIUM");
}
const options = { skip: missing ? "DRAWBRIDGE_PAGE or DRAWBRIDGE_CHROMIUM is not set" : false };

let browser;
before(async () => {
  if (missing) return;
  const extension = new URL("../../../extension-vscode/package.json", import.meta.url);
  const { chromium } = createRequire(extension)("playwright-core");
  browser = await chromium.launch({ executablePath, chromiumSandbox: false });
});
after(() => browser?.close());

/** Opens the report and collects what a report must not cause. */
async function open(settings) {
  const page = await browser.newPage(settings);
  const seen = { requests: [], errors: [], dialogs: 0 };
  page.on("request", (request) => seen.requests.push(request.url()));
  page.on("console", (message) => seen.errors.push(message.text()));
  page.on("pageerror", (error) => seen.errors.push(String(error)));
  page.on("dialog", (dialog) => {
    seen.dialogs += 1;
    return dialog.dismiss();
  });
  await page.goto(pathToFileURL(file).href, { waitUntil: "load" });
  await page.evaluate(() => {
    for (const details of document.querySelectorAll("details")) details.open = true;
  });
  return { page, seen };
}

test("hostile text is text: nothing runs, nothing is asked for", options, async () => {
  const { page, seen } = await open({ viewport: { width: 1280, height: 900 } });
  const found = await page.evaluate(() => ({
    ran: window.ran ?? null,
    title: document.title,
    text: document.body.innerText,
    elements: [...new Set([...document.querySelectorAll("*")].map((element) => element.localName))].sort(),
    attributes: [...document.querySelectorAll("*")].flatMap((element) =>
      [...element.attributes].map((attribute) => attribute.name).filter((name) => /^(on|src|href|style|xlink)/.test(name)),
    ),
    sections: [...document.querySelectorAll("h2")].map((heading) => heading.textContent),
  }));
  assert.equal(found.ran, null);
  assert.deepEqual(found.attributes, []);
  assert.deepEqual(found.elements, [
    "b", "body", "code", "details", "figure", "footer", "g", "h1", "h2", "head", "header", "html", "li", "line", "main",
    "meta", "p", "path", "pre", "rect", "section", "span", "style", "summary", "svg", "text", "title", "ul",
  ]);
  assert.ok(found.text.includes("<script>window.ran=1</script>") && found.title.includes("<script>"));
  assert.deepEqual(found.sections, ["Findings", "Policy", "Proof", "What this audit cannot see"]);
  assert.deepEqual(seen, { requests: [pathToFileURL(file).href], errors: [], dialogs: 0 });
  await page.close();
});

/** The lowest contrast of words and their ground (WCAG 2.2, 1.4.3), and where it is. */
function lowestContrast() {
  const luminance = (color) => {
    const [red, green, blue] = color.match(/[\d.]+/g).map((part) => {
      const share = Number(part) / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if (!color.startsWith("rgba(0, 0, 0, 0")) return color;
    }
    return "rgb(255, 255, 255)";
  };
  const words = [...document.querySelectorAll("h1, h2, p, li, span, summary, code, pre, footer, svg text")];
  const contrasts = words.map((element) => {
    const style = getComputedStyle(element);
    const color = element.localName === "text" ? style.fill : style.color;
    const [light, dark] = [luminance(color), luminance(ground(element))].sort((a, b) => b - a);
    return { contrast: (light + 0.05) / (dark + 0.05), where: `${element.localName}.${element.className}` };
  });
  return contrasts.sort((a, b) => a.contrast - b.contrast)[0];
}

for (const width of [1280, 400]) {
  for (const colorScheme of ["light", "dark"]) {
    test(`readable at ${width} pixels, ${colorScheme}`, options, async () => {
      const { page, seen } = await open({ viewport: { width, height: 900 }, colorScheme });
      const wide = await page.evaluate(() => {
        const edge = document.documentElement.clientWidth;
        const outside = [...document.querySelectorAll("body *")].filter(
          (element) => element.getBoundingClientRect().right > edge + 1 || element.scrollWidth > element.clientWidth + 1,
        );
        const boxes = outside.filter((element) => getComputedStyle(element).display !== "inline" && !element.closest("svg"));
        return { page: document.documentElement.scrollWidth, edge, outside: boxes.map((element) => element.className) };
      });
      assert.deepEqual({ page: wide.page, outside: wide.outside }, { page: wide.edge, outside: [] });
      const size = await page.evaluate(() =>
        Math.min(...[...document.querySelectorAll("svg text")].map((text) => text.getBoundingClientRect().height)),
      );
      assert.ok(size >= 10, `words of the drawing are ${size} pixels high`);
      const worst = await page.evaluate(lowestContrast);
      assert.ok(worst.contrast >= 4.5, JSON.stringify(worst));
      assert.deepEqual(seen.errors, []);
      await page.close();
    });
  }
}

test("on paper everything is open and black on white", options, async () => {
  const page = await browser.newPage({ viewport: { width: 800, height: 1100 }, colorScheme: "dark" });
  await page.goto(pathToFileURL(file).href, { waitUntil: "load" });
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  const shown = await page.evaluate(() => ({
    ground: getComputedStyle(document.body).backgroundColor,
    text: getComputedStyle(document.body).color,
    closed: document.querySelectorAll("details:not([open])").length,
    hidden: [...document.querySelectorAll("details > :not(summary)")].filter((part) => !part.checkVisibility()).length,
  }));
  assert.deepEqual([shown.ground, shown.text, shown.hidden], ["rgb(255, 255, 255)", "rgb(0, 0, 0)", 0]);
  assert.ok(shown.closed > 0, "what is folded on screen is what paper must unfold");
  const pdf = await page.pdf({ format: "A4" });
  assert.equal(pdf.subarray(0, 5).toString(), "%PDF-");
  await page.close();
});
