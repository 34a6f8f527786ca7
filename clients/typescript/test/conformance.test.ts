// Runs clients/conformance/cases.json. CONFORMANCE_FOLDER is where it is, CONFORMANCE_URL and CONFORMANCE_KEY name a running demo,
// CONFORMANCE_PYTHON an interpreter that can run the server of scripted cases.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { inspect } from "node:util";
import * as registry from "vasp-registry";
import { differences, type Names } from "./comparing.js";

const { CONFORMANCE_FOLDER = "", CONFORMANCE_URL = "", CONFORMANCE_KEY = "", CONFORMANCE_PYTHON = "python3" } = process.env;
const DOCUMENT = JSON.parse(readFileSync(join(CONFORMANCE_FOLDER, "cases.json"), "utf8"));
const BEGIN = Date.parse(DOCUMENT.now) / 1000;
const RUN = crypto.randomUUID();

const server = spawn(CONFORMANCE_PYTHON, [join(CONFORMANCE_FOLDER, "server.py")], { stdio: ["pipe", "pipe", "inherit"] });
let scripted = "";
before(async () => {
  const [line] = await once(server.stdout, "data");
  scripted = String(line).trim();
});
after(() => server.stdin.end());

/** The members of an object of the client, by the names that the cases give them. */
function named(value: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), member]));
}

/** What a call returned or threw, as JSON. */
function plain(value: any): any {
  const text = `${String(value)} ${inspect(value)}`;
  if (value instanceof registry.RegistryError) {
    const conditions = value instanceof registry.NotCleared ? value.conditions.map((condition) => condition.code) : [];
    return { ...named(value), error: value.name, conditions, text: `${text} ${value.stack}` };
  }
  if (value instanceof registry.Verdict) {
    return { recommendation: value.recommendation, answer: value.answer, receipt: value.receipt && named(value.receipt), text };
  }
  if (value instanceof registry.Resolved) {
    return { status: value.status, owner: value.owner, candidates: value.candidates, answer: value.answer, text };
  }
  if (typeof value?.redeem === "function") return { precheck_id: value.receipt.precheckId, text };
  return Array.isArray(value) ? value.map(plain) : value;
}

async function all<Item>(pages: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of pages) found.push(item);
  return found;
}

class Case {
  readonly #case: any;
  readonly #url: string;
  readonly #events: object[] = [];
  readonly #waits: number[] = [];
  readonly #texts: string[] = [];
  readonly #names: Names = { kept: new Map(), seen: new Map() };
  #time = BEGIN;
  #client!: registry.Client;
  #request: any;
  #verdict!: registry.Verdict;
  #clearance!: registry.Clearance;
  #kept: any = {};

  constructor(given: any) {
    this.#case = given;
    const isScripted = "server" in given || given.settings?.url !== undefined;
    this.#url = isScripted ? `${scripted}/${RUN}/${crypto.randomUUID()}` : CONFORMANCE_URL;
  }

  async #script(): Promise<void> {
    const answer = await fetch(`${this.#url}/_script`, { method: "POST", body: JSON.stringify(this.#case.server) });
    assert.equal(answer.status, 200);
  }

  async #jwks(): Promise<registry.Jwks> {
    return (await (await fetch(`${this.#url}/.well-known/jwks.json`)).json()) as registry.Jwks;
  }

  async #start(): Promise<void> {
    const { batch_size, batch_bytes, traceparent, issuer, url, ...settings } = this.#case.settings ?? {};
    let pinned: registry.Jwks | undefined;
    if ("server" in this.#case) await this.#script();
    if ("pin" in this.#case) {
      pinned = { keys: (await this.#jwks()).keys.filter((key) => this.#case.pin.includes(key.kid)) };
      await this.#script();
    }
    const isScripted = this.#url !== CONFORMANCE_URL;
    const clock = {
      now: () => this.#time,
      elapsed: () => this.#time,
      chance: () => 0,
      sleep: async (seconds: number) => {
        this.#waits.push(seconds);
        this.#time += seconds;
      },
    };
    this.#client = new registry.Client({
      url: url ?? this.#url,
      key: this.#case.key === undefined ? (isScripted ? "vr_test" : CONFORMANCE_KEY) : this.#case.key,
      jwks: pinned,
      issuer,
      ...settings,
      ...(batch_size && { batchSize: batch_size }),
      ...(batch_bytes && { batchBytes: batch_bytes }),
      ...(traceparent && { traceparent: () => traceparent }),
      ...(isScripted && clock),
      onEvent: (event) => this.#events.push(named(event)),
    });
  }

  async run(): Promise<string[]> {
    await this.#start();
    const found: string[] = [];
    for (const [number, step] of this.#case.steps.entries()) {
      const result = await this.#step(step).catch((error) => {
        if (error instanceof registry.RegistryError) return error;
        throw error;
      });
      const seen = plain(result);
      this.#texts.push(String(seen?.text ?? JSON.stringify(seen)));
      if ("expect" in step) found.push(...differences(step.expect, seen, this.#names, `step ${number + 1}`));
    }
    return [...found, ...(await this.#afterwards())];
  }

  async #afterwards(): Promise<string[]> {
    const { requests: expected, waits, events, hidden = [] } = this.#case;
    const found: string[] = [];
    if (expected) {
      const requests = (await (await fetch(`${this.#url}/_requests`)).json()) as any[];
      if (requests.length !== expected.length) found.push(`${requests.length} requests: ${requests.map((request) => request.path)}`);
      for (const [number, request] of requests.entries()) {
        if (number < expected.length) found.push(...differences(expected[number], request, this.#names, `request ${number + 1}`));
        for (const [name, value] of Object.entries(request.headers)) {
          this.#names.seen.set(name, [...(this.#names.seen.get(name) ?? []), value]);
        }
      }
    }
    if (waits) found.push(...differences(waits, this.#waits, this.#names, "waits"));
    if (events) found.push(...differences(events, this.#events, this.#names, "events"));
    const leaks = hidden.filter((secret: string) => this.#texts.some((text) => text.includes(secret)));
    return [...found, ...leaks.map((secret: string) => `${secret} is in a text`)];
  }

  async #step(step: any): Promise<unknown> {
    const client = this.#client;
    switch (step.do) {
      case "advance":
        this.#time += step.seconds;
        return null;
      case "resolve": {
        const { subject, network, kind } = step;
        return client.resolve(subject, { network, kind });
      }
      case "resolve_many": {
        const { items } = step;
        return client.resolveMany(Array.isArray(items) ? items : Array.from({ length: items.repeat }, () => items.item));
      }
      case "precheck": {
        this.#request = step.request;
        this.#verdict = await client.precheck(step.request, { idempotencyKey: step.idempotency_key?.replace("$RUN", RUN) });
        return this.#verdict;
      }
      case "precheck_many":
        return client.precheckMany(step.requests);
      case "get_precheck":
        return client.getPrecheck(String(this.#verdict.answer.id));
      case "proceed":
        this.#clearance = this.#verdict.proceed((condition) => step.met.includes(condition.code));
        return this.#clearance;
      case "redeem":
        return this.#clearance.redeem(step.facts);
      case "obligations":
        return client.obligations(step.request);
      case "vasp":
        return client.vasp(step.id);
      case "vasps":
        return (await all(client.vasps(step.filters))).map((item) => item.id);
      case "alerts":
        return all(client.alerts(step.filters));
      case "changes":
        return (await all(client.changes(step.since))).map((item) => item.sequence);
      case "print_client":
        return `${String(client)} ${inspect(client)}`;
      case "client":
        return this.#made(step);
      case "verify_webhook":
        return registry.verifyWebhook(step.secrets, step.headers, step.body, step.now);
      default:
        return this.#offline(step);
    }
  }

  async #made(step: any): Promise<unknown> {
    for (const name of Object.keys(process.env).filter((one) => one.startsWith("VASP_REGISTRY_"))) delete process.env[name];
    Object.assign(process.env, step.environment);
    if (step.key_file !== undefined) {
      const file = join(mkdtempSync(join(tmpdir(), "conformance-")), "key");
      writeFileSync(file, step.key_file);
      process.env.VASP_REGISTRY_KEY_FILE = file;
    }
    const client = step.url === undefined ? registry.Client.fromEnvironment() : new registry.Client({ url: step.url, key: step.key });
    return { url: client.url, key: client.hasKey };
  }

  async #offline(step: any): Promise<unknown> {
    const jwks: registry.Jwks = step.jwks ?? (await this.#jwks());
    const { change, proof, checkpoint, note } = this.#kept;
    switch (step.do) {
      case "verify_receipt": {
        const request = { ...this.#request, ...step.request };
        const options = { request, ...(step.issuer && { issuer: step.issuer }) };
        return named(await registry.verifyReceipt({ ...this.#verdict.answer, ...step.answer }, jwks, options));
      }
      case "checkpoint":
        this.#kept.note = await (await fetch(`${this.#url}/v1/log/checkpoint`)).text();
        this.#kept.checkpoint = await this.#client.checkpoint();
        return this.#kept.checkpoint;
      case "prove":
        this.#kept.change = (await this.#client.changes(step.sequence - 1, 1).next()).value;
        this.#kept.proof = await this.#client.prove(step.sequence, checkpoint);
        return this.#kept.proof;
      case "verify_change":
        await registry.verifyChange({ ...change, ...step.change }, proof, checkpoint);
        return "valid";
      case "verify_inclusion": {
        const altered = { ...proof, ...step.proof, envelope: { ...proof.envelope, ...step.envelope } };
        altered.size += step.add?.size ?? 0;
        if (step.hashes === "reversed") altered.hashes = altered.hashes.toReversed();
        if (step.hashes === "shorter") altered.hashes = altered.hashes.slice(0, -1);
        if (step.hashes === "longer") altered.hashes = [...altered.hashes, altered.hashes[0]];
        await registry.verifyInclusion(altered, checkpoint);
        return "valid";
      }
      case "verify_checkpoint": {
        const text = step.text ?? note.replace(...(step.replace ?? ["", ""]));
        const atLeast = step.at_least && { ...(await registry.verifyCheckpoint(text, await this.#jwks())), ...step.at_least };
        return registry.verifyCheckpoint(text, jwks, atLeast);
      }
      default:
        throw new Error(`unknown step ${step.do}`);
    }
  }
}

for (const given of DOCUMENT.cases) {
  test(given.name, async () => {
    const wrong = await new Case(given).run();
    assert.equal(wrong.join("\n"), "");
  });
}
