// Checks the pages of two servers in Chromium; `scripts/check-pages` starts both and says what is checked. Prints each fault; ends with 1 if
// there is one.
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";
import { consolePages } from "./console.mjs";
import { enrol } from "./enrol.mjs";
import { picker } from "./picker.mjs";
import { report } from "./report.mjs";
import { stories } from "./stories.mjs";

const given = JSON.parse(readFileSync(process.argv[2], "utf8"));
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const AT_ONCE = 2;
const WIDE = { width: 1280, height: 900 };
const NARROW = { width: 320, height: 640 };
/** Pages that are looked at from every side; of the others, those of the API are samples. */
const KINDS = ["/", "/coverage", "/docs/", "/docs/gateway", "/docs/api", "/docs/api?q=precheck", "/docs/api/create_precheck", "/problems", "/problems/not_found", "/enrol", "/report"];
const SAMPLES_OF_API = 8;

const faults = [];
const fault = (where, what) => {
  faults.push(`${where}: ${what}`);
  console.log(`FAULT  ${where}: ${what}`);
};

/** All pages that links lead to, from the first on; each link has to lead somewhere. */
async function crawl(base) {
  const pages = new Map(), waiting = ["/", "/enrol", "/report"];
  const seen = new Set(waiting), wanted = new Map();
  while (waiting.length) {
    await Promise.all(waiting.splice(0, 16).map(async (path) => {
      const answer = await fetch(base + path, { redirect: "follow" });
      const text = await answer.text();
      if (!answer.ok) return fault(path, `answered ${answer.status}`);
      if (!answer.headers.get("content-type").startsWith("text/html")) return;
      pages.set(path, new Set([...text.matchAll(/ id="([^"]*)"/g)].map((found) => found[1])));
      for (const [, , link] of text.matchAll(/(href|src)="([^"]*)"/g)) {
        const to = new URL(link.replaceAll("&amp;", "&"), base + path);
        if (to.origin !== base) {
          if (/^(https?|mailto):$/.test(to.protocol)) continue;
          fault(path, `links to ${link}`);
        }
        if (to.hash) wanted.set(`${to.pathname}${to.search}${to.hash}`, path);
        const next = to.pathname + to.search;
        if (!seen.has(next)) seen.add(next), waiting.push(next);
      }
    }));
  }
  for (const [link, path] of wanted) {
    const [page, anchor] = link.split("#");
    if (pages.has(page) && !pages.get(page).has(decodeURIComponent(anchor))) fault(path, `links to ${link}, which has no such anchor`);
  }
  return [...pages.keys()];
}

/** A page that notes what its browser complains of. */
async function open(context, base, path) {
  const page = await context.newPage();
  const noted = (what) => fault(path, what);
  page.on("console", (said) => ["error", "warning"].includes(said.type()) && noted(`console: ${said.text()}`));
  page.on("pageerror", (error) => noted(`script: ${error.message}`));
  page.on("request", (request) => new URL(request.url()).origin === base || noted(`asks ${request.url()}`));
  page.on("requestfailed", (request) => noted(`failed: ${request.url()}`));
  await page.goto(base + path, { waitUntil: "load" });
  return page;
}

async function accessible(page, path, how) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document));
  for (const found of violations) fault(path, `axe (${how}): ${found.id}: ${found.help}: ${found.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")}`);
}

async function fits(page, path) {
  const wider = await page.evaluate(() => {
    const most = document.documentElement.clientWidth;
    const over = [...document.querySelectorAll("body *")].filter((one) => !one.closest(".scroll, .skip") && one.getBoundingClientRect().right > most + 1);
    return { by: document.documentElement.scrollWidth - most, over: over.slice(0, 3).map((one) => one.outerHTML.slice(0, 120)) };
  });
  if (wider.by > 0) fault(path, `${wider.by} pixels wider than the window: ${wider.over.join(" | ")}`);
}

/** Goes through a page with Tab alone: everything that can be used is reached, and can be seen to be. */
async function keyboard(page, path) {
  const count = await page.evaluate(() => {
    const usable = "a[href], button, input:not([type=hidden]), summary, [tabindex='0']";
    const all = [...document.querySelectorAll(usable)].filter((one) => one.checkVisibility());
    all.forEach((one, index) => (one.dataset.stop = index));
    return all.length;
  });
  const reached = new Set();
  await page.evaluate(() => document.activeElement?.blur());
  for (let step = 0; step <= count + 2 && reached.size < count; step += 1) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => {
      const one = document.activeElement, style = getComputedStyle(one);
      return { stop: one.dataset.stop, seen: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0, html: one.outerHTML.slice(0, 120) };
    });
    if (at.stop === undefined) continue;
    if (!at.seen) fault(path, `the focus cannot be seen on ${at.html}`);
    reached.add(at.stop);
  }
  if (reached.size < count) fault(path, `Tab reaches ${reached.size} of ${count}`);
}

async function eachOf(paths, check) {
  const waiting = [...paths];
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) await check(path);
  }));
}

/** What a browser without scripts shows is the whole page. */
async function withoutScripts(browser, base, paths) {
  const context = await browser.newContext({ viewport: WIDE, javaScriptEnabled: false });
  await eachOf(paths, async (path) => {
    const page = await open(context, base, path);
    const words = await page.locator("main").innerText();
    if (!(await page.locator("h1").first().isVisible()) || words.length < 100) fault(path, "is empty without scripts");
    await page.close();
  });
  await context.close();
}

async function lookAt(browser, base, paths, kinds) {
  const light = await browser.newContext({ viewport: WIDE, colorScheme: "light" });
  const dark = await browser.newContext({ viewport: WIDE, colorScheme: "dark" });
  const narrow = await browser.newContext({ viewport: NARROW });
  await eachOf(paths, async (path) => {
    const page = await open(light, base, path);
    await accessible(page, path, "light");
    if (kinds.includes(path)) await keyboard(page, path);
    await page.close();
    const other = await open(narrow, base, path);
    await fits(other, path);
    await other.close();
    // All pages have one style sheet: in the dark, one of each kind is enough.
    if (!kinds.includes(path)) return;
    const third = await open(dark, base, path);
    const back = await third.evaluate(() => getComputedStyle(document.body).backgroundColor);
    if (back === "rgb(255, 255, 255)") fault(path, "is white in the dark");
    await accessible(third, path, "dark");
    await third.close();
  });
  for (const context of [light, dark, narrow]) await context.close();
}

/** Until the list of all operations is on the screen, in milliseconds. */
async function firstPaint(browser, base, path) {
  const context = await browser.newContext({ viewport: WIDE });
  const page = await open(context, base, path);
  const paint = () => page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime);
  for (let tries = 0; tries < 50 && (await paint()) === undefined; tries += 1) await page.waitForTimeout(20);
  const at = await paint();
  await context.close();
  if (at === undefined || at > 2000) fault(path, `its first paint comes after ${at} ms`);
  return Math.round(at);
}

async function pictures(browser, base, folder) {
  mkdirSync(folder, { recursive: true });
  for (const [name, options] of [["light", { viewport: WIDE, colorScheme: "light" }], ["dark", { viewport: WIDE, colorScheme: "dark" }], ["narrow", { viewport: NARROW }]]) {
    const context = await browser.newContext(options);
    for (const path of KINDS) {
      const page = await open(context, base, path);
      await page.screenshot({ path: `${folder}/${path.replaceAll(/\W+/g, "_")}.${name}.png` });
      await page.close();
    }
    await context.close();
  }
}

const started = performance.now();
const browser = await chromium.launch({
  executablePath: given.browser,
  headless: true,
  // A fresh profile is the default.
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
const tools = { open, accessible, fits, fault, shots: given.shots };
try {
  const { people } = await (await fetch(`${given.sandbox}/v1/sandbox/scenarios`)).json();
  const told = await stories(browser, { sandbox: given.sandbox, people, all: !given.story }, tools);
  if (given.story) {
    console.log(`check-pages: ${told.join(", ")}; ${faults.length} faults; ${((performance.now() - started) / 1000).toFixed(0)} s`);
    await browser.close();
    process.exit(faults.length ? 1 : 0);
  }
  const all = await crawl(given.demo);
  const ofApi = all.filter((path) => path.startsWith("/docs/api/"));
  const others = all.filter((path) => !ofApi.includes(path) && !(path.startsWith("/problems/") && !KINDS.includes(path)));
  const every = Math.max(1, Math.floor(ofApi.length / SAMPLES_OF_API));
  const more = given.all ? [...others, ...ofApi.filter((_, index) => index % every === 0)] : [];
  const paths = [...new Set([...KINDS, ...more])];
  for (const path of KINDS) if (!path.includes("?") && !all.includes(path)) fault(path, "no link leads there");
  await lookAt(browser, given.demo, paths, KINDS);
  await withoutScripts(browser, given.demo, KINDS);
  await lookAt(browser, given.private, ["/"], ["/"]);
  const paint = await firstPaint(browser, given.demo, "/docs/api");
  const enrolled = await enrol(browser, given, tools);
  const steps = enrolled.steps + (await report(browser, given, tools));
  const empty = await consolePages(browser, given.private, enrolled.people, { ...tools, shots: given.shots && `${given.shots}/empty` });
  const full = await consolePages(browser, given.sandbox, people, tools);
  const folder = given.picker, registry = given.demo;
  (await picker({ folder, registry, admin: given.shop, browser: given.browser, axe })).forEach((what) => fault("docs/examples/picker", what));
  if (given.shots) await pictures(browser, given.demo, given.shots);
  const secs = ((performance.now() - started) / 1000).toFixed(0);
  console.log(`check-pages: ${all.length} pages without a broken link, ${paths.length} of them looked at, ${empty} empty and ${full} full pages of the console, ${told.join(", ")}, ${steps} steps of one-time links, first paint of the API reference after ${paint} ms; ${faults.length} faults; ${secs} s`);
} finally {
  await browser.close();
}
process.exit(faults.length ? 1 : 0);
