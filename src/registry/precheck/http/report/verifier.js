// Checks the report that it is in: the seal of the page, the receipt of the verdict, and every digest in them. It asks no network.
// It shows what it hashed and nothing else: a page can hold more than its text says, such as shadow roots. Of an altered page it shows nothing.
"use strict";
addEventListener("DOMContentLoaded", async () => {
  const LEEWAY = 60, DOCTYPE = "<!doctype html>";
  // The document's own members, because an element of the page can have the name of one.
  const of = (name, one = document) => Object.getOwnPropertyDescriptor(Document.prototype, name).get.call(one);
  const make = (name, textContent) => Object.assign(Document.prototype.createElement.call(document, name), { textContent });
  const show = (root) => Node.prototype.replaceChild.call(document, root, of("documentElement"));
  const parsed = (text) => of("documentElement", new DOMParser().parseFromString(DOCTYPE + text, "text/html"));
  const asIn = (text) => Document.prototype.importNode.call(document, parsed(text), true);
  const whole = of("documentElement").outerHTML, root = asIn(whole);
  show(root);
  const seal = root.querySelector("script#seal")?.textContent;
  // Anything else about the seal than its text stays in the page, which then differs.
  const [before, after] = whole.split(`<script type="text/plain" id="seal">${seal}<\/script>`), page = before + after;
  const bytes = (text) => new TextEncoder().encode(text);
  const encoded = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const decoded = (text) => {
    const found = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
    if (encoded(found) !== text) throw Error("not base64url");
    return found;
  };
  const sha256 = (text) => crypto.subtle.digest("SHA-256", bytes(text));
  const digest = async (text) =>
    "sha256:" + Array.from(new Uint8Array(await sha256(text)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const canonical = (value) => {
    if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
    if (value === null || typeof value !== "object") return JSON.stringify(value);
    return `{${Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
  };
  const time = (seconds) => `${new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ")} UTC`;
  const imported = (x) => crypto.subtle.importKey("jwk", { kty: "OKP", crv: "Ed25519", x }, "Ed25519", false, ["verify"]);
  const say = (said, tone, word, sentence, items) => {
    said.className = `notice ${tone}`;
    const list = make("ul");
    list.append(...items.map((item) => make("li", item)));
    said.replaceChildren(make("strong", word), ` ${sentence}`, ...(items.length ? [list] : []));
  };
  // A page of these words alone: what is altered can hide a sentence, or say the opposite beside it.
  const alone = (tone, word, sentence, items, text) => {
    const root = asIn(`<html lang="en"><title>${word}</title><main><h1>${word}</h1><div id="said" role="alert"></div><pre></pre></main>`);
    root.style.cssText = `background: #fff; color: ${tone === "bad" ? "#a11616" : "#1b1f24"}; font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; padding: 1rem`;
    root.querySelector("pre").style.cssText = "white-space: pre-wrap";
    root.querySelector("pre").textContent = text;
    say(root.querySelector("#said"), tone, `${word}.`, sentence, items);
    show(root);
  };
  const refuse = (sentence) =>
    alone("bad", "Altered", `${sentence} So nothing of it is shown. \`vasp-registry verify answer\` says what differs, too.`, wrong, "");
  const wrong = [];
  // The public key of RFC 8037, appendix A.2: only to see whether this browser knows Ed25519.
  const able = globalThis.crypto?.subtle ? await imported("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").then(() => true, () => false) : false;
  if (!able)
    return alone("warn", "Not checked", "This browser cannot check Ed25519 signatures, so it is not known whether this page was altered. Open it in a newer browser, from a file or over HTTPS, or run `vasp-registry verify answer` on it. This is its text:", [], root.innerText);
  const opened = async (jws, type, keys, what) => {
    const [head, body, signature] = jws.split(".");
    const read = (part) => JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(decoded(part)));
    const header = read(head), content = read(body), key = keys.find((one) => one.kid === header.kid && one.purpose === "receipt");
    if (header.alg !== "EdDSA" || header.typ !== type || jws.split(".").length !== 3) wrong.push(`${what}: it is no such signature`);
    else if (!key) wrong.push(`${what}: its key is not in this page`);
    else if (encoded(await sha256(`{"crv":"Ed25519","kty":"OKP","x":"${key.x}"}`)) !== key.kid) wrong.push(`${what}: the key was altered`);
    else if (!(await crypto.subtle.verify("Ed25519", await imported(key.x), decoded(signature), bytes(`${head}.${body}`))))
      wrong.push(`${what}: the signature is wrong`);
    else if (content.iat < key.nbf - LEEWAY || content.iat > (key.exp ?? Infinity) + LEEWAY) wrong.push(`${what}: its key was not in use then`);
    return { ...content, kid: header.kid };
  };
  const same = (what, found, signed) => found === signed || wrong.push(`${what}: it differs from what was signed`);
  try {
    const { verdict, evidence, request, outcome, keys } = JSON.parse(root.querySelector("#data").textContent);
    const { receipt: jws, evidence: inside, ...rest } = verdict;
    const sealed = await opened(seal, "precheck-report+jwt", keys.keys, "Seal of the page");
    const receipt = await opened(jws, "precheck-receipt+jwt", keys.keys, "Receipt");
    same("Verdict", await digest(canonical(rest)), receipt.verdict_digest);
    same("Evidence", await digest(canonical(evidence)), verdict.evidence_digest);
    same("Request", await digest(canonical(request)), receipt.request_digest);
    same("Outcome", await digest(canonical(outcome)), sealed.outcome_digest);
    same("Verdict and receipt", [verdict.id, verdict.recommendation].join(), [receipt.precheck_id, receipt.recommendation].join());
    same("Seal and receipt", [sealed.precheck_id, sealed.iss].join(), [receipt.precheck_id, receipt.iss].join());
    same("Page", await digest(page), sealed.page_digest);
    if (!/^<script[>]/.test(after)) wrong.push("Seal of the page: it is in another place");
    if (of("compatMode") !== "CSS1Compat") wrong.push("Page: its first line differs");
    if (wrong.length) return refuse("This is not what the registry signed.");
    say(root.querySelector("#said"), "good", `Signed by ${receipt.iss} on ${time(receipt.iat)}, unaltered.`,
      `The registry sealed this page, with what was done since, on ${time(sealed.iat)}. That is what this page says of itself, with its own script and its own key. A forger who replaces them can write this sentence, too: before you rely on it, run \`vasp-registry verify answer\` on this file, with the keys from /.well-known/jwks.json of the registry.`,
      [`Key: ${receipt.kid}`].concat(sealed.kid === receipt.kid ? [] : [`Key of the seal: ${sealed.kid}`]));
  } catch (error) {
    wrong.push(String(error));
    refuse("This page cannot be read as it was signed.");
  }
});
