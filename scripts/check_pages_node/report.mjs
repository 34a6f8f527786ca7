// Opens the report of a pre-check by a one-time link, as an auditor does who has no account.

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
