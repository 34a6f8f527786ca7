// Asks a running sandbox every pre-check of its catalogue. CONFORMANCE_SANDBOX names it.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as registry from "vasp-registry";

const { CONFORMANCE_SANDBOX = "" } = process.env;

const codes = (answer: any): string[] => [...answer.reasons.map((reason: any) => reason.code), ...answer.notes];

/** Whether an address has no network: the client asks for it. */
const isBare = (request: any): boolean => [request.originator, request.beneficiary].some((side) => side?.address && !side.network);

test("every verdict of the catalogue arrives as the sandbox said it", async () => {
  const catalogue: any = await (await fetch(`${CONFORMANCE_SANDBOX}/v1/sandbox/scenarios`)).json();
  const asked = catalogue.items.filter((item: any) => item.request.path === "/v1/prechecks" && item.status === 200).map((item: any) => item.request);

  for (const { body, headers } of asked) {
    const raw = await fetch(`${CONFORMANCE_SANDBOX}/v1/prechecks`, { method: "POST", headers, body: JSON.stringify(body) });
    const said: any = await raw.json();
    const client = new registry.Client({ url: CONFORMANCE_SANDBOX, key: headers.Authorization.replace("Bearer ", "") });
    if (isBare(body)) {
      await assert.rejects(client.precheck(body), (error: any) => error.code === "network_needed");
      continue;
    }
    const verdict = await client.precheck(body);
    const [found, expected] = [verdict.answer, said].map((answer) => [answer.recommendation, codes(answer)]);
    assert.deepEqual(found, expected, JSON.stringify(body));
    assert.equal(verdict.receipt === null, body.record === false, JSON.stringify(body));
  }

  assert.ok(asked.length > 200);
});
