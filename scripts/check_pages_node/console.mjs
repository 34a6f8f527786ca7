// Signs in as each person of a server, without scripts, and looks at every page of the console that links lead to.
import { mkdirSync } from "node:fs";
import { codeOf } from "./enrol.mjs";

/** Most pages of one kind that are looked at: those of single cases, firms and the like are made alike. */
const SAMPLES = 2;
const SIZES = [["light", { viewport: { width: 1280, height: 900 }, colorScheme: "light" }], ["dark", { viewport: { width: 1280, height: 900 }, colorScheme: "dark" }], ["narrow", { viewport: { width: 320, height: 640 } }], ["zoomed", { viewport: { width: 640, height: 450 }, deviceScaleFactor: 2 }]];
/** The most bytes of a page with all that it loads. */
const MOST_BYTES = 100_000;

const kindOf = (path) => path.split(/[?#]/)[0].replace(/\/[a-z]+_[0-9a-z]{16,}/, "/{id}");

async function signIn(context, base, card, open, now) {
  const page = await open(context, base, "/console/today");
  await page.locator('[name="/email"]').fill(card.email);
  await page.locator('[name="/password"]').fill(card.password);
  if (card.totp_secret) await page.locator('[name="/totp"]').fill(codeOf(card.totp_secret, now));
  await page.locator("#sign-in button").click();
  await page.waitForLoadState();
  return page;
}

/** Returns the bytes of a page with all that it loads, whether or not the browser had them already. */
const weight = (page) => page.evaluate(() => ["navigation", "resource"].flatMap((kind) => performance.getEntriesByType(kind)).reduce((sum, one) => sum + one.encodedBodySize, 0));

/** Returns the time of a server: a sandbox has its own. */
async function timeOf(base) {
  const answer = await fetch(`${base}/v1/sandbox/clock`);
  return answer.ok ? Date.parse((await answer.json()).now) : Date.now();
}

/** Looks at the pages of each person. Returns how many there were. */
export async function consolePages(browser, base, people, { open, accessible, fits, fault, shots }) {
  let looked = 0;
  if (shots) mkdirSync(shots, { recursive: true });
  for (const card of people) {
    const name = card.email.split("@")[0];
    // The person's session, which the contexts of all sizes share. A code of an app works once, and the sandbox used the present one.
    const door = await browser.newContext({ ...SIZES[0][1], javaScriptEnabled: false });
    const page = await signIn(door, base, card, open, (await timeOf(base)) + 30_000);
    if ((await page.locator("h1").innerText()) !== "Today") {
      fault("/sign-in", `${card.email} is not let in: ${(await page.locator("main").innerText()).slice(0, 300)}`);
      continue;
    }
    const storageState = await door.storageState();
    const contexts = [];
    for (const [size, options] of SIZES) contexts.push([size, await browser.newContext({ ...options, storageState })]);
    const waiting = ["/console/today"], seen = new Set(waiting), kinds = new Map();
    while (waiting.length) {
      const path = waiting.shift(), kind = kindOf(path);
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      if (kinds.get(kind) > SAMPLES) continue;
      looked += 1;
      for (const [size, context] of contexts) {
        const shown = await open(context, base, path);
        const where = `${path} (${name}, ${size})`;
        if ((await shown.locator("h1").count()) !== 1) fault(where, "has no heading");
        if (size === "narrow" || size === "zoomed") await fits(shown, where);
        else await accessible(shown, where, size);
        if (shots) await shown.screenshot({ path: `${shots}/${name}${path.replaceAll(/\W+/g, "_").slice(0, 60)}.${size}.png`, fullPage: true });
        const bytes = await weight(shown);
        if (bytes > MOST_BYTES) fault(where, `weighs ${bytes} bytes`);
        if (size === "light") {
          const links = await shown.$$eval('a[href^="/console/"]', (all) => all.map((one) => one.getAttribute("href").split("#")[0]));
          // A link that saves a file opens no page.
          for (const link of links) if (!seen.has(link) && !link.endsWith("?save=yes")) seen.add(link), waiting.push(link);
        }
        await shown.close();
      }
    }
    for (const [, context] of [...contexts, ["", door]]) await context.close();
  }
  return looked;
}
