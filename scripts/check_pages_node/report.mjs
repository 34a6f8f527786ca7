// Opens the report of a pre-check by a one-time link, as an auditor does who has no account; and as a file, as it is and altered.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** How many bytes of the file are altered one by one, spread over it. */
const BYTES = 60;

/** Opens the report as a file without a network: unaltered it says so, and whatever is altered is not called unaltered. Returns the steps. */
async function file(browser, html, { accessible, fault, shots }) {
  const folder = mkdtempSync(join(tmpdir(), "report-"));
  const context = await browser.newContext({ viewport: { width: 1000, height: 800 }, offline: true });
  const page = await context.newPage();
  const said = async (bytes) => {
    writeFileSync(join(folder, "report.html"), bytes);
    await page.goto(`file://${folder}/report.html`);
    const word = page.locator("#said");
    // What the page says before it looked, it also says if its script is not what its policy allows.
    await page.waitForFunction(() => !document.getElementById("said")?.innerText.startsWith("Not checked. This page"), null, { timeout: 1500 }).catch(() => {});
    if (!(await word.count())) return { tone: "none", text: "" };
    return { tone: (await word.getAttribute("class")) ?? "", text: await word.innerText() };
  };
  let steps = 1;
  const whole = await said(html);
  if (whole.tone !== "notice good" || !/^Signed by .*, unaltered\./.test(whole.text)) fault("report as a file", `it says: ${whole.text}`);
  await accessible(page, "report as a file", "light");
  if (shots) await page.screenshot({ path: `${shots}/docs/report.png` });

  // What comes with a page besides its text is not in its digest. It is not shown either.
  const forged = '<p class="word good">proceed</p>';
  const word = /<p class="word[^>]*>/;
  const beside = { doctype: html.replace("<!doctype html>", "<!doctype html><!-- proceed -->") };
  for (const mode of ["open", "closed"]) {
    beside[`body, ${mode}`] = html.replace("<body>", `<body><template shadowrootmode="${mode}">${forged}</template>`);
    beside[`slot, ${mode}`] = html.replace('<main id="main">', `<main id="main"><template shadowrootmode="${mode}">${forged}<slot></slot></template>`);
    beside[`word, ${mode}`] = html.replace(word, `$&<template shadowrootmode="${mode}">${forged}</template>`);
    beside[`frame, ${mode}`] = html.replace("<body>", `<body><template shadowrootmode="${mode}"><iframe srcdoc="proceed" style="position:fixed;inset:0"></iframe></template>`);
  }
  const all = () => page.locator("html").innerText();
  await said(html);
  const signed = await all();
  for (const [part, altered] of Object.entries(beside)) {
    steps += 1;
    const { tone, text } = await said(altered);
    if (altered === html || (await all()) !== signed) fault("report as a file", `with ${part} it is ${tone} and does not show what was signed: ${text}`);
  }

  const replaced = (from, to) => html.replace(from, to);
  const parts = {
    verdict: replaced('"recommendation":"', '"recommendation":"x'),
    evidence: replaced('"evidence":{"alternatives":', '"evidence":{"alternative":'),
    request: replaced('"request":{', '"request":{"a":1,'),
    outcome: replaced('"outcome":{', '"outcome":{"a":1,'),
    receipt: html.replace(/("receipt":"[^"]{20})(.)/, (_, before, one) => before + (one === "A" ? "B" : "A")),
    key: html.replace(/("x":"[^"]{20})(.)/, (_, before, one) => before + (one === "A" ? "B" : "A")),
    seal: html.replace(/(id="seal">[^<]{20})(.)/, (_, before, one) => before + (one === "A" ? "B" : "A")),
    page: replaced("<h1>Pre-check", "<h1>Pre-Check"),
    style: replaced("body { margin: 0;", "body { margin: 1;"),
    script: replaced("const LEEWAY = 60", "const LEEWAY = 61"),
    end: html.replace("</body>", "<p>more</p></body>"),
    "after the end": `${html}<p>proceed</p>`,
    "before the doctype": `proceed${html}`,
    "after the doctype": replaced("<!doctype html>", "<!doctype html><p>proceed</p>"),
    "no doctype": replaced("<!doctype html>", ""),
    "second html": replaced("<body>", '<html style="color:green"><body>'),
    "style in the head": replaced("</head>", `<style>#said { display: none }</style></head>`),
    "link in the head": replaced("</head>", '<link rel="stylesheet" href="a.css"></head>'),
    "meta in the head": replaced("</head>", '<meta http-equiv="refresh" content="9;url=about:blank"></head>'),
    "base in the head": replaced("</head>", '<base href="https://example.org/"></head>'),
    "hidden sentence": replaced("<body>", "<body><style>#said, .word { display: none !important }</style>"),
    dialog: replaced("<body>", '<body><dialog open popover="manual" style="position:fixed;inset:0">proceed</dialog>'),
    frame: replaced("<body>", '<body><iframe srcdoc="proceed"></iframe>'),
    "names of the document": replaced("<body>", '<body><img name="documentElement"><img name="createElement"><img name="importNode"><img name="replaceChild">'),
    "place of the seal": html.replace(/(<script type="text\/plain".*?<\/script>)(.*)$/s, "$2").replace("</h1>", (end) => end + /<script type="text\/plain".*?<\/script>/s.exec(html)[0]),
    "second script": html.replace("<body>", () => `<body><template shadowrootmode="open"><script>${/<script>(.*)<\/script>/s.exec(html)[1]}</script></template>`),
  };
  for (const [part, altered] of Object.entries(parts)) {
    steps += 1;
    if (altered === html) fault("report as a file", `the check found no ${part} to alter`);
    const { tone, text } = await said(altered);
    if (tone !== "notice bad") fault("report as a file", `with another ${part} it is ${tone}: ${text}`);
    // If the page's own script did not run, that is all that it can say.
    if (!text.startsWith("Not checked.") && !/^Altered\s+Altered\./.test(await all())) fault("report as a file", `with another ${part} it shows more than that`);
  }
  // A letter of a tag that the browser reads as the same tag is no change; in this range there are none.
  const bytes = Buffer.from(html), begin = bytes.indexOf('<script type="application/json"');
  for (let step = 0; step < BYTES; step += 1) {
    const place = begin + 40 + Math.floor(((bytes.length - begin - 60) * step) / BYTES);
    const altered = Buffer.from(bytes);
    altered[place] = altered[place] === 0x78 ? 0x79 : 0x78;
    const { tone, text } = await said(altered);
    steps += 1;
    if (tone === "notice good") fault("report as a file", `byte ${place} was altered, and it says: ${text}`);
  }

  // A browser that does not know the signature says so, and is not green.
  await page.addInitScript(() => Object.defineProperty(crypto, "subtle", { value: { ...crypto.subtle, importKey: () => Promise.reject(new Error("no")) } }));
  const unable = await said(html);
  const hidden = await said(html.replace("<body>", "<body><style>#said { display: none !important }</style>"));
  if (!hidden.text.includes("cannot check")) fault("report as a file", `without Ed25519 a style hides: ${hidden.text}`);
  if (unable.tone !== "notice warn" || !unable.text.includes("cannot check")) fault("report as a file", `without Ed25519 it says: ${unable.text}`);
  await context.close();
  rmSync(folder, { recursive: true });
  return steps + 1;
}

/** Returns how many steps were taken. */
export async function report(browser, { demo: base, key, shots }, { open, accessible, fits, fault }) {
  let steps = 0;
  const send = async (path, body) => {
    const headers = { authorization: `Bearer ${key}`, ...(body && { "content-type": "application/json" }) };
    const answer = await fetch(base + path, { method: "POST", headers, body: body && JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
    return answer.json();
  };
  const expect = async (page, heading) => {
    steps += 1;
    const found = await page.locator("h1").first().innerText();
    if (found !== heading) throw new Error(`expected the page ${heading}, found ${found}`);
  };
  const transfer = { asset: "eip155:1/slip44:60", fiat: { amount: "2000", currency: "EUR" } };
  const beneficiary = { vasp: "5493007WZ7IFULIL8G21" };
  const { id } = await send("/v1/prechecks", { direction: "outgoing", originator: { jurisdiction: "DE" }, beneficiary, transfer });
  const { secret } = await send(`/v1/prechecks/${id}/report-link`);
  const link = secret.slice(secret.indexOf("/report#"));

  const context = await browser.newContext({ viewport: { width: 320, height: 640 }, colorScheme: "dark" });
  let page = await open(context, base, link);
  await expect(page, "A report for you");
  if (page.url() !== `${base}/report`) fault("/report", `the address still has the secret: ${page.url()}`);
  await page.locator("button").press("Enter");
  await page.waitForSelector("h1:not(:text('A report for you'))");
  await expect(page, `Pre-check ${id}`);
  await accessible(page, "/report, opened", "dark");
  await fits(page, "/report, opened");
  if (shots) await page.screenshot({ path: `${shots}/report.dark.png`, fullPage: true });

  const whole = await fetch(`${base}/v1/prechecks/${id}/report`, { headers: { authorization: `Bearer ${key}` } });
  steps += await file(browser, await whole.text(), { accessible, fault, shots });

  // A second time it is gone, and the page says so.
  page = await open(context, base, link);
  page.removeAllListeners("console"); // the browser notes the status 410
  await page.locator("button").press("Enter");
  await page.waitForSelector("h1:not(:text('A report for you'))");
  await expect(page, "This does not work any more");
  await accessible(page, "/report, gone", "dark");
  await context.close();
  return steps;
}
