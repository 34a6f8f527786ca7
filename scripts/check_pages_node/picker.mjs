// The example page of the picker against a real registry: type, choose, see the entity; with the keyboard and the mouse; no request to
// elsewhere, nothing to complain of for the browser and axe.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { chromium } from "playwright-core";

const TYPES = { html: "text/html", css: "text/css", js: "text/javascript" };

/** Serves the example's files, with the registry's address and a key in the page, under the strictest policy that lets it work. */
async function serve(folder, registry, port, key) {
  const server = createServer((request, response) => {
    const name = request.url === "/" ? "index.html" : request.url.slice(1);
    if (!/^(index\.html|picker\.(js|css))$/.test(name)) return response.writeHead(404).end();
    const text = readFileSync(`${folder}/${name}`, "utf8").replace("https://registry.example", registry).replace("vr_pub_…", key);
    const policy = `default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src ${registry}`;
    response.writeHead(200, { "content-type": TYPES[name.split(".").pop()], "content-security-policy": policy }).end(text);
  });
  await new Promise((done) => server.listen(port, "127.0.0.1", done));
  return server;
}

/** Returns the faults of the example. `admin` is a key of a gateway that may make keys. */
export async function picker({ folder, registry, admin, browser, axe, brand = "kraken", begin = "krak", country = "DE" }) {
  const faults = [], probe = createServer();
  await new Promise((done) => probe.listen(0, "127.0.0.1", done));
  const { port } = probe.address();
  await new Promise((done) => probe.close(done));
  const origin = `http://127.0.0.1:${port}`;
  const made = await fetch(`${registry}/v1/api-keys`, {
    method: "POST",
    headers: { authorization: `Bearer ${admin}`, "content-type": "application/json" },
    body: JSON.stringify({ name: "picker", scopes: ["resolve"], expires_at: null, owner: null, origins: [origin] }),
  });
  if (made.status !== 201) return [`no publishable key: ${await made.text()}`];
  const key = (await made.json()).secret;
  const server = await serve(folder, registry, port, key);
  const chrome = await chromium.launch({ executablePath: browser, args: ["--no-sandbox"] });
  try {
    for (const colorScheme of ["light", "dark"]) {
      const page = await (await chrome.newContext({ colorScheme })).newPage();
      page.on("console", (said) => ["error", "warning"].includes(said.type()) && faults.push(`console: ${said.text()}`));
      page.on("pageerror", (error) => faults.push(`script: ${error.message}`));
      page.on("request", (request) => {
        const to = new URL(request.url());
        if (![origin, registry].includes(to.origin) && to.protocol !== "data:") faults.push(`asks ${to.origin}`);
      });
      const judge = async (when) => {
        await page.evaluate(axe);
        const { violations } = await page.evaluate(() => globalThis.axe.run());
        violations.forEach((one) => faults.push(`axe, ${colorScheme}, ${when}: ${one.id}: ${one.nodes[0].html}`));
      };
      await page.goto(origin);
      await judge("empty");
      await page.selectOption("#country", country);
      await page.locator("#firm").pressSequentially(begin);
      await page.locator("#firms li").first().waitFor();
      await judge("list");
      const named = page.locator("#firms li", { hasText: new RegExp(brand, "i") }).first();
      if (colorScheme === "light") {
        await page.keyboard.press("ArrowDown");
        await page.keyboard.press("Enter");
      } else await named.click();
      await page.locator("#chosen").waitFor();
      const [name, entity] = [await page.locator("#name").innerText(), await page.locator("#entity").innerText()];
      console.log(`picker, ${colorScheme}: ${name}: ${entity}`);
      if (!new RegExp(brand, "i").test(name)) faults.push(`chose ${name}`);
      if (!entity) faults.push("no entity is shown");
      if (!await page.locator("#asked input").count()) faults.push("nothing is asked");
      await judge("chosen");
    }
    // Another page's browser gets no answer.
    const elsewhere = await (await chrome.newContext()).newPage();
    await elsewhere.goto(origin.replace("127.0.0.1", "localhost"));
    const refused = await elsewhere.evaluate((url) => fetch(url).then(() => false, () => true), `${registry}/v1/picker?q=${begin}&key=${key}`);
    if (!refused) faults.push("a page elsewhere reads the answer");
  } finally {
    await chrome.close();
    server.close();
  }
  return faults;
}
