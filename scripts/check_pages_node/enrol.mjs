// Goes through invitations in the browser: with scripts by opening the link, without by pasting it, and with what goes wrong on the way.
import { createHmac } from "node:crypto";

const PASSWORD = "quartz lantern 82 pelican";

/** The code that an authenticator app shows (RFC 6238: SHA-1, 6 digits, 30 seconds). */
export function codeOf(secret, at = Date.now()) {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret].map((letter) => letters.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const digest = createHmac("sha1", key).update(step).digest();
  const number = digest.readUInt32BE(digest[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}

/** Returns how many steps were taken, and how the people sign in who enrolled. */
export async function enrol(browser, { private: base, links }, { open, accessible, fits, fault, shots }) {
  let steps = 0;
  const expect = async (page, where, heading) => {
    steps += 1;
    const found = await page.locator("h1").innerText();
    if (found !== heading) throw new Error(`${where}: expected the page ${heading}, found ${found}: ${(await page.locator("main").innerText()).slice(0, 300)}`);
  };
  const type = async (page, fields) => {
    for (const [id, text] of Object.entries(fields)) await page.locator(`#${id}`).fill(text);
  };
  const [withScript, withoutScript, optional] = links.map((link) => link.slice(base.length));

  // The link opens the page, a weak password comes back with its reason, and the keyboard alone is enough.
  let context = await browser.newContext({ viewport: { width: 320, height: 640 }, colorScheme: "dark" });
  let page = await open(context, base, withScript);
  await expect(page, "link", "Your invitation");
  if (page.url() !== `${base}/enrol`) fault("/enrol", `the address still has the secret: ${page.url()}`);
  if (!(await page.locator("#link").inputValue()).startsWith("ve_")) fault("/enrol", "the script did not fill the link in");
  await page.keyboard.type("qwertyuiopasdfgh");
  await page.keyboard.press("Tab");
  await page.keyboard.type("qwertyuiopasdfgh");
  page.removeAllListeners("console"); // the browser notes the status 422
  await page.keyboard.press("Enter");
  await page.waitForSelector("#password-fault");
  await expect(page, "weak password", "Your invitation");
  await accessible(page, "/enrol, refused", "dark");
  await fits(page, "/enrol, refused");
  await type(page, { password: PASSWORD, again: PASSWORD });
  await page.keyboard.press("Enter");
  await page.waitForSelector("#code");
  await expect(page, "app", "Your authenticator app");
  await accessible(page, "/enrol, app", "dark");
  await fits(page, "/enrol, app");
  if (shots) await page.screenshot({ path: `${shots}/enrol_app.dark.png`, fullPage: true });
  if (await page.locator("button[name=skip]").count()) fault("/enrol, app", "an operator may go on without an app");
  const secret = await page.locator("main code").first().innerText();
  await type(page, { code: "000000" });
  await page.keyboard.press("Enter");
  await page.waitForSelector("#code-fault");
  await expect(page, "wrong code", "Your authenticator app");
  await accessible(page, "/enrol, wrong code", "dark");
  await type(page, { code: codeOf(secret) });
  await page.keyboard.press("Enter");
  await page.waitForSelector(".codes");
  await expect(page, "codes", "You are ready");
  await accessible(page, "/enrol, ready", "dark");
  await fits(page, "/enrol, ready");
  if ((await page.locator(".codes li").count()) !== 10) fault("/enrol, ready", "there are not ten recovery codes");
  const recovery = await page.locator(".codes li").first().innerText();
  if (shots) await page.screenshot({ path: `${shots}/enrol_ready.dark.png`, fullPage: true });
  const signedIn = await fetch(`${base}/v1/session`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email: "anna@example.org", password: PASSWORD, recovery_code: recovery }),
  });
  if (signedIn.status !== 201) fault("/v1/session", `answered ${signedIn.status} to the new password and a recovery code`);
  await context.close();

  // The link again: it works once.
  context = await browser.newContext();
  page = await open(context, base, withScript);
  await type(page, { password: PASSWORD, again: PASSWORD });
  page.removeAllListeners("console"); // the browser notes the status 410
  await page.keyboard.press("Enter");
  await page.waitForSelector("text=This does not work any more");
  await expect(page, "used link", "This does not work any more");
  await accessible(page, "/enrol, used link", "light");
  await context.close();

  // Without scripts, the person pastes the link.
  context = await browser.newContext({ javaScriptEnabled: false });
  page = await open(context, base, withoutScript);
  await type(page, { link: base + withoutScript, password: PASSWORD, again: PASSWORD });
  await page.locator("button").first().click();
  await page.waitForSelector("#code");
  await expect(page, "app without scripts", "Your authenticator app");
  if (shots) await page.screenshot({ path: `${shots}/enrol_app.light.png`, fullPage: true });
  await type(page, { code: codeOf(await page.locator("main code").first().innerText()) });
  await page.locator("button").first().click();
  await page.waitForSelector(".codes");
  await expect(page, "ready without scripts", "You are ready");
  await context.close();

  // Who is no operator may go on without an app, and come back for it later.
  context = await browser.newContext();
  page = await open(context, base, optional);
  await type(page, { password: PASSWORD, again: PASSWORD });
  await page.locator("button").first().click();
  await page.waitForSelector("button[name=skip]");
  await accessible(page, "/enrol, app of a member", "light");
  await page.locator("button[name=skip]").click();
  await page.waitForSelector("text=You are ready");
  await expect(page, "without an app", "You are ready");
  await page.goto(`${base}/enrol`);
  await page.locator("summary").click();
  await type(page, { email: "carla@example.org", current: PASSWORD });
  await page.keyboard.press("Enter");
  await page.waitForSelector("#code");
  await expect(page, "app later", "Your authenticator app");
  await context.close();
  // A member who has nothing yet.
  await fetch(`${base}/v1/enrolment`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ secret: links[3].split("#")[1], password: PASSWORD }) });
  const card = (name, totp_secret) => ({ email: `${name}@example.org`, password: PASSWORD, totp_secret });
  return { steps, people: [card("anna", secret), card("carla"), card("dora")] };
}
