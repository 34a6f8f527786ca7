// A person at the console, as a story needs one: signs in, follows links by their words, fills forms, presses buttons. Counts the clicks, and
// opens no page by its address but the first.
import { codeOf } from "./enrol.mjs";

export class Person {
  /** Begins at a page of the server: the only one that the person opens by its address. */
  static async at(browser, { base, path = "/console/today", script, open, name }) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, javaScriptEnabled: script });
    const person = new Person(await open(context, base, path), name);
    person.context = context;
    person.base = base;
    return person;
  }

  constructor(page, name) {
    Object.assign(this, { page, name, clicks: 0 });
  }

  /** Signs in with a card of the sandbox. A code works once, so the sandbox's clock goes on by a code's time first. */
  async signIn({ email, password, totp_secret: secret }) {
    await fetch(`${this.base}/v1/sandbox/clock`, { method: "POST", headers: { "content-type": "application/json" }, body: '{"advance_secs": 31}' });
    const { now } = await (await fetch(`${this.base}/v1/sandbox/clock`)).json();
    await this.send("sign-in", { "/email": email, "/password": password, ...(secret && { "/totp": codeOf(secret, Date.parse(now)) }) });
    await this.sees("Today");
  }

  async click(target) {
    await target.click();
    this.clicks += 1;
  }

  /** Clicks what leads to another page. */
  async go(target) {
    await Promise.all([this.page.waitForEvent("load"), this.click(target)]);
  }

  /** Follows the first link with these words. */
  async follow(words, within = "main, header") {
    const link = this.page.locator(within).getByRole("link", { name: words }).first();
    if (!(await link.count())) throw new Error(`${this.where()}: no link "${words}" in: ${await this.text()}`);
    await this.go(link);
  }

  /** Follows the first link with these words; if it is on a later page of a list, through the list's "More". */
  async find(words, list) {
    const link = this.page.locator("main").getByRole("link", { name: words });
    let more = this.page.locator(`.scroll[aria-label="${list}"] + p a`);
    while (!(await link.count()) && (await more.count())) {
      await this.go(more);
      more = this.page.locator("main .scroll + p a").first();
    }
    await this.follow(words, "main");
  }

  /** Goes to a page by the menu. */
  async menu(name) {
    await this.go(this.page.locator('nav[aria-label="Console"]').getByRole("link", { name, exact: true }));
  }

  /** Fills a form in and sends it; opens it first if it is folded. `true` ticks a box; fields of a choice cost two clicks. */
  async send(id, fields = {}) {
    const form = this.page.locator(`form[id="${id}"]`);
    if (!(await form.count())) throw new Error(`${this.where()}: no form ${id} in: ${await this.text()}`);
    const folded = this.page.locator("details:not([open])", { has: form });
    if (await folded.count()) await this.click(folded.locator("summary"));
    for (const [name, value] of Object.entries(fields)) {
      if (Array.isArray(value)) {
        const boxes = form.locator(`[name="${name}"][type=checkbox]`);
        if (await boxes.count()) for (const one of value) await this.click(form.locator(`[name="${name}"][value="${one}"]`));
        else await form.locator(`[name="${name}"]`).fill(value.join("\n"));
        continue;
      }
      const field = form.locator(`[name="${name}"]`);
      if (value === true) await this.click(field);
      else if ((await field.evaluate((one) => one.tagName)) === "SELECT") {
        await field.selectOption(value);
        this.clicks += 2;
      } else await field.fill(value);
    }
    await this.go(form.locator("button:not([type=button])"));
  }

  /** Ticks everything that a form offers to tick. */
  async tickAll(id) {
    for (const box of await this.page.locator(`form[id="${id}"] input[type=checkbox][name^="tick:"]`).all()) await this.click(box);
  }

  /** Returns the texts that stand to be copied, by their labels. */
  async copies() {
    const all = this.page.locator(".copy");
    return Object.fromEntries(await all.evaluateAll((list) => list.map((one) => [one.querySelector("span").textContent, one.querySelector("code").textContent])));
  }

  async sees(...words) {
    const text = await this.text();
    for (const one of words) if (!text.includes(one)) throw new Error(`${this.where()}: "${one}" is not in: ${text}`);
  }

  async text() {
    return (await this.page.locator("main").innerText()).replace(/\s+/g, " ");
  }

  where() {
    return `${this.name} at ${new URL(this.page.url()).pathname}`;
  }

  async leave() {
    await this.context.close();
  }
}
