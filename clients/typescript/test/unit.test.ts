// What no case can say: types, and values from the standards.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Clearance, Client, NotCleared, type Receipt, Verdict } from "vasp-registry";

const address = "1NDyJtNTjmwk5xPNhjgAMu4HDHigtobu1s";
const receipt: Receipt = { issuer: "i", issuedAt: 0, precheckId: "pre_1", recommendation: "proceed", sequence: 1, checkpoint: { size: 1, root: "" }, kid: "k" };

function verdict(recommendation: string, members: object = {}): Verdict {
  const answer = { recommendation, scope: "transfer", reasons: [], conditions: [], valid_until: "2026-06-01T12:01:00Z", ...members };
  return new Verdict({ direction: "outgoing", beneficiary: { address, network: "bitcoin" } }, answer as never, receipt, () => 1780315200);
}

function send(clearance: Clearance): string {
  return clearance.redeem({ address, network: "bitcoin" });
}

test("only proceed makes a clearance", () => {
  const cleared = verdict("proceed").proceed();
  const Made = cleared.constructor as new (...given: unknown[]) => Clearance;
  assert.throws(() => new Made({}, {}, receipt, () => 0, Symbol("made by proceed")), TypeError);
  assert.throws(() => send(structuredClone(cleared)), TypeError);
  assert.equal(send(cleared), "pre_1");
});

test("nothing else than a clearance can be given to what sends", () => {
  // @ts-expect-error a verdict is not a clearance
  assert.throws(() => send(verdict("proceed")), TypeError);
  // @ts-expect-error what looks like one is not one either
  const lookalike: Clearance = { redeem: () => "pre_1", receipt, validUntil: "2026-06-01T12:01:00Z" };
  assert.ok(lookalike);
});

test("no recommendation but the two known ones clears", () => {
  for (const said of ["", "Proceed", "proceed ", "proceed\u200b", "proceed_with", "yes", "reject", "hold", "constructor", "__proto__"]) {
    assert.throws(() => verdict(said).proceed(() => true), NotCleared, said);
  }
});

test("what met returns has to be true itself", () => {
  const asked = verdict("proceed_with_conditions", { conditions: [{ code: "check_source" }] });
  assert.throws(() => asked.proceed((() => "yes") as never), NotCleared);
  assert.equal(send(asked.proceed(() => true)), "pre_1");
});

test("a caller who gives up gets the reason of the signal", async () => {
  const client = new Client({ url: "http://127.0.0.1:9" });
  const given = client.api.GET("/v1/protocols", { signal: AbortSignal.abort(new Error("given up")) });
  await assert.rejects(given, /given up/);
});
