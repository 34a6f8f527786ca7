// Whatever a server answers, a call ends in an answer or in an error of ours, and nothing unsigned clears a transfer.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Client, RegistryError, Resolved, Verdict } from "vasp-registry";

const { bodies, now } = JSON.parse(readFileSync(join(process.env.CONFORMANCE_FOLDER ?? "", "cases.json"), "utf8"));
const BEGIN = Date.parse(now) / 1000;
const REQUEST = { direction: "outgoing", beneficiary: { address: "1NDyJtNTjmwk5xPNhjgAMu4HDHigtobu1s", network: "bitcoin" } } as const;
const PRECHECK = { ...bodies.precheck, recommendation: "proceed_with_conditions", conditions: [bodies.condition], receipt: null };
const RECEIPT = "eyJhbGciOiJFZERTQSIsImtpZCI6Im9uZSIsInR5cCI6InByZWNoZWNrLXJlY2VpcHQrand0In0.e30.AAAA";
const PROBLEM = { type: "/p", code: "not_found", title: "t", status: 404, detail: "d", request_id: "r", errors: [{ pointer: "/", code: "c", detail: "d" }] };
const KEYS = { keys: [{ kid: "one", purpose: "receipt", crv: "Ed25519", x: "A".repeat(43), nbf: 0 }] };
const JUNK = [null, true, 0, -1, 1.5, "", "proceed", "\u200b", "9999-99-99", [], [null], {}, { a: 1 }, [[]], 1e40];

/** Numbers from 0 to 1, the same each time: a linear congruential generator with the constants of Numerical Recipes. */
function chances(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

/** The value with one place in it replaced or removed. */
function altered(value: unknown, chance: () => number): unknown {
  const copy = structuredClone(value);
  const places: [any, string][] = [];
  const visit = (container: any): void => {
    for (const [name, member] of Object.entries(container)) {
      places.push([container, name]);
      if (typeof member === "object" && member !== null) visit(member);
    }
  };
  visit(copy);
  const [container, name] = places[Math.floor(chance() * places.length)] ?? [{}, ""];
  if (chance() < 0.3) Array.isArray(container) ? container.splice(Number(name), 1) : delete container[name];
  else container[name] = structuredClone(JUNK[Math.floor(chance() * JUNK.length)]);
  return copy;
}

type Ask = (client: Client) => Promise<unknown>;
const precheck: Ask = (client) => client.precheck(REQUEST);
const resolve: Ask = (client) => client.resolve("x");
const CALLS: Record<string, [Ask, Record<string, unknown>, number?, string?]> = {
  "an unrecorded pre-check": [precheck, { "/v1/prechecks": PRECHECK, "/.well-known/jwks.json": KEYS }],
  "a receipt": [precheck, { "/v1/prechecks": { ...PRECHECK, receipt: RECEIPT }, "/.well-known/jwks.json": KEYS }, 200, "vr_a"],
  "a resolution": [resolve, { "/v1/resolve": { results: [bodies.resolution] } }],
  "a problem": [resolve, { "/v1/resolve": PROBLEM }, 404],
  "a problem in a batch": [resolve, { "/v1/resolve": { results: [{ problem: PROBLEM }] } }],
  "a list": [(client) => client.vasps().next(), { "/v1/vasps": { items: [{ id: "a" }], next_cursor: null } }],
  candidates: [
    (client) => client.precheck({ direction: "outgoing", beneficiary: { address: "0x00000000000000000000000000000000000000a1" } }),
    { "/v1/networks/parse": { results: [{ readings: [{ networks: ["eip155:1"] }] }] } },
  ],
};

for (const [name, [ask, answers, status = 200, key = null]] of Object.entries(CALLS)) {
  test(`garbage ends in an error of ours: ${name}`, async () => {
    const chance = chances(name.length);
    for (let round = 0; round < 400; round += 1) {
      const given = new Map(Object.entries(answers).map(([path, body]) => [path, altered(body, chance)]));
      const client = new Client({
        url: "http://127.0.0.1",
        key,
        now: () => BEGIN,
        elapsed: () => BEGIN,
        sleep: async () => {},
        fetch: async (url) => Response.json(given.get(new URL(String(url)).pathname), { status }),
      });
      try {
        const found = await ask(client);
        String(found);
        if (found instanceof Verdict) assert.throws(() => found.proceed(() => true), RegistryError);
        if (found instanceof Resolved) assert.ok(found.owner === null || typeof found.owner.id === "string");
      } catch (error) {
        if (!(error instanceof RegistryError) || typeof error.code !== "string") throw error;
      }
    }
  });
}
