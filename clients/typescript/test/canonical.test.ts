// Canonical JSON against RFC 8785, Ed25519 against RFC 8032: the client has no library for the first.
import assert from "node:assert/strict";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { createRequire } from "node:module";

// The package does not export these: they are read from where it is installed.
const main = createRequire(import.meta.url).resolve("vasp-registry");
const { canonical, ed25519, fromBase64url, fromHex } = await import(new URL("canonical.js", pathToFileURL(main)).href);

test("RFC 8785 section 3.2.2", () => {
  const text = String.raw`{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}`;
  const expected = String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`;
  assert.equal(canonical(JSON.parse(text)), expected);
});

test("RFC 8785 section 3.2.3: members by their UTF-16 code units", () => {
  const text = String.raw`{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}`;
  const order = Object.values(JSON.parse(canonical(JSON.parse(text))));
  assert.deepEqual(new Set(order).size, 7);
  const sorted = [...canonical(JSON.parse(text)).matchAll(/:"([^"]+)"/g)].map(([, value]) => value);
  assert.deepEqual(sorted, ["Carriage Return", "One", "Control", "Latin Small Letter O With Diaeresis", "Euro Sign", "Emoji: Grinning Face", "Hebrew Letter Dalet With Dagesh"]);
});

test("what JSON cannot say is refused", () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 1n, Symbol("s"), () => 1, "\ud800"]) assert.throws(() => canonical({ value }), TypeError);
});

test("RFC 8032 section 7.1, test 2", async () => {
  const key = fromHex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  const signature = fromHex(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
  );
  assert.equal(await ed25519(key, signature, Uint8Array.of(0x72)), true);
  assert.equal(await ed25519(key, signature, Uint8Array.of(0x73)), false);
});

test("base64url has no padding: RFC 7515 appendix C", () => {
  assert.deepEqual([...fromBase64url("A-z_4ME")], [3, 236, 255, 224, 193]);
  assert.throws(() => fromBase64url("A-z_4ME="), TypeError);
});
