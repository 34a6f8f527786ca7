// What can be asked.
import createClient, { type Client as Api, type Middleware } from "openapi-fetch";
import { Cache } from "./cache.js";
import { canonical, utf8 } from "./canonical.js";
import { fromEnvironment, registryKey, registryUrl } from "./config.js";
import { InvalidSubject, NotVerified, ProblemError, RegistryError, Unavailable } from "./errors.js";
import { type Change, type Checkpoint, type InclusionProof, verifyCheckpoint, verifyInclusion } from "./log.js";
import { type Jwks, type Receipt, verifyReceipt } from "./receipts.js";
import type { components, operations, paths } from "./schema.js";
import { clean, cleanItem, namedIn, without } from "./subjects.js";
import { DEFAULTS, type Settings, send } from "./transport.js";
import { type Precheck, type PrecheckRequest, Resolved, Verdict, seconds } from "./verdict.js";

type Schemas = components["schemas"];
export type ResolveItem = Schemas["ResolveItem"];
type Page<Item> = { items: Item[]; next_cursor?: string | null };

const NOT_FOUND_SECONDS = 10; // the longest that "nobody known owns it" is kept
const KEYS_AGAIN_SECONDS = 10; // an unknown key makes the client fetch the keys again, but no more often than this

export interface ClientOptions extends Partial<Settings> {
  /** The registry: `https://HOST[/PATH]`. */
  url: string;
  /** The API key, `vr_…`. */
  key?: string | null | undefined;
  /** Pins the keys that receipts are checked with. Without it, the client fetches them from the registry. */
  jwks?: Jwks | undefined;
  /** The registry's name in receipts. */
  issuer?: string | undefined;
}

/** Asks a registry. `api` makes any call of its API, with types, retries and errors as here. */
export class Client {
  readonly url: string;
  readonly hasKey: boolean;
  readonly api: Api<paths>;
  readonly #settings: Settings;
  readonly #pinned: boolean;
  readonly #issuer: string | undefined;
  readonly #forSandbox: boolean;
  #jwks: Jwks | undefined;
  #jwksAt = -Infinity;
  readonly #cache = new Cache();

  constructor({ url, key, jwks, issuer, ...settings }: ClientOptions) {
    this.url = registryUrl(url);
    const checkedKey = registryKey(key);
    this.hasKey = checkedKey !== null;
    this.#forSandbox = checkedKey?.startsWith("vr_test_") ?? false;
    this.#settings = { ...DEFAULTS, ...settings };
    this.#jwks = jwks;
    this.#pinned = jwks !== undefined;
    this.#issuer = issuer;
    this.api = createClient<paths>({ baseUrl: this.url });
    this.api.use(calls(this.#settings, checkedKey));
  }

  /** Makes a client of `VASP_REGISTRY_URL` and `VASP_REGISTRY_KEY` or `VASP_REGISTRY_KEY_FILE`. Not in browsers. */
  static fromEnvironment(options: Omit<ClientOptions, "url" | "key"> = {}): Client {
    return new Client({ ...options, ...fromEnvironment() });
  }

  /** Asks who owns an address, domain, Travel Address, LEI or another subject. */
  async resolve(subject: string, options: Omit<ResolveItem, "subject"> = {}): Promise<Resolved> {
    const item = cleanItem({ subject, ...options });
    const kept = this.#cache.get<Resolved>(canonical(item), this.#settings.now());
    if (kept) return kept;
    const { data } = await this.api.POST("/v1/resolve", { body: { subjects: [item] } });
    const found = this.#resolved(results(data, 1)[0], item);
    if (found instanceof RegistryError) throw found;
    return found;
  }

  /** Asks about any number of subjects; one answer or error for each, in order. */
  async resolveMany(items: Iterable<ResolveItem>): Promise<(Resolved | RegistryError)[]> {
    const prepared = [...items].map((item) => refusedOr(() => cleanItem(item)));
    const ask = async (subjects: ResolveItem[]) => (await this.api.POST("/v1/resolve", { body: { subjects } })).data;
    return this.#inParts(prepared, ask, (answer, sent) => this.#resolved(answer, sent));
  }

  /** Asks whether a transfer may be made. Recorded pre-checks come back with a valid receipt, or not at all. */
  async precheck(request: PrecheckRequest, options: { idempotencyKey?: string | undefined } = {}): Promise<Verdict> {
    const body = refusedOr(() => prepared(request));
    if (body instanceof InvalidSubject) throw body.code === "network_needed" ? await this.#networkNeeded(request) : body;
    const question = body.record === false && !body.as_of ? canonical(body) : null;
    const kept = question && this.#cache.get<Verdict>(question, this.#settings.now());
    if (kept) return kept;
    const headers = options.idempotencyKey ? { "Idempotency-Key": options.idempotencyKey } : {};
    const { data } = await this.api.POST("/v1/prechecks", { body, headers });
    const verdict = await this.#verdict(data, body);
    if (question) this.#cache.keep(question, seconds(verdict.answer.valid_until), verdict);
    return verdict;
  }

  /** Asks about any number of transfers; one verdict or error for each, in order. */
  async precheckMany(requests: Iterable<PrecheckRequest>): Promise<(Verdict | RegistryError)[]> {
    const bodies = [...requests].map((request) =>
      refusedOr(() => {
        const body = prepared(request);
        return this.#records(body) ? { ...body, key: body.key ?? crypto.randomUUID() } : body;
      }),
    );
    const ask = async (prechecks: PrecheckRequest[]) => (await this.api.POST("/v1/prechecks/batch", { body: { prechecks } })).data;
    return this.#inParts(bodies, ask, (answer, sent) => this.#verdict(answer, sent));
  }

  /** Reads a recorded pre-check again, and checks its receipt. */
  async getPrecheck(id: string): Promise<Precheck> {
    const { data } = await this.api.GET("/v1/prechecks/{id}", { params: { path: { id } } });
    await this.#receipt(data);
    return data as Precheck;
  }

  /** Asks which data must travel with a transfer. */
  async obligations(body: Schemas["ObligationsRequest"]): Promise<Schemas["ObligationsAnswer"]> {
    return (await this.api.POST("/v1/obligations", { body })).data as Schemas["ObligationsAnswer"];
  }

  /** Reads the record of a VASP. */
  async vasp(idOrLei: string): Promise<Schemas["Vasp"]> {
    return (await this.api.GET("/v1/vasps/{vasp}", { params: { path: { vasp: clean(idOrLei) } } })).data as Schemas["Vasp"];
  }

  /** Lists VASPs, page after page. */
  vasps(query: operations["list_vasps"]["parameters"]["query"] = {}): AsyncGenerator<Schemas["VaspListItem"]> {
    return pages(async (cursor) => (await this.api.GET("/v1/vasps", { params: { query: { ...query, ...cursor } } })).data);
  }

  /** Lists what changed about VASPs that you rely on, newest first. */
  alerts(query: operations["list_alerts"]["parameters"]["query"] = {}): AsyncGenerator<Schemas["Alert"]> {
    return pages(async (cursor) => (await this.api.GET("/v1/alerts", { params: { query: { ...query, ...cursor } } })).data);
  }

  /** Lists the public changes after a sequence, up to now. */
  changes(since = 0, limit = 1000): AsyncGenerator<Change> {
    return pages(async ({ cursor }) => {
      const query = { since: cursor === undefined ? since : Number(cursor), limit };
      const { data } = await this.api.GET("/v1/changes", { params: { query } });
      return data && { items: data.items, next_cursor: data.more ? String(data.next) : null };
    });
  }

  /** Fetches the newest signed state of the log and checks it. */
  async checkpoint(atLeast?: Checkpoint): Promise<Checkpoint> {
    const { data } = await this.api.GET("/v1/log/checkpoint", { parseAs: "text" });
    return verifyCheckpoint(String(data), await this.#keys(), atLeast);
  }

  /** Fetches the proof that an entry is in the log of this checkpoint, and checks it. */
  async prove(sequence: number, checkpoint: Checkpoint): Promise<InclusionProof> {
    const { data } = await this.api.GET("/v1/log/proof/inclusion", { params: { query: { sequence, size: checkpoint.size } } });
    await verifyInclusion(data as InclusionProof, checkpoint);
    if (data?.envelope.sequence !== sequence) throw new NotVerified("not_included", "the proof is for another entry");
    return data;
  }

  toString(): string {
    return `<Client ${this.url}>`;
  }

  /** Sends what can be sent, in parts that the API takes, and puts every answer where its item stands. */
  async #inParts<Item extends object, Found>(
    items: (Item | RegistryError)[],
    ask: (part: Item[]) => Promise<unknown>,
    read: (answer: unknown, sent: Item) => Found | RegistryError | Promise<Found>,
  ): Promise<(Found | RegistryError)[]> {
    const sendable = items.filter((item): item is Item => !(item instanceof RegistryError));
    const answers: unknown[] = [];
    for (const part of parts(sendable, this.#settings)) {
      // A part that fails loses only its own answers: other parts may have been recorded.
      const failed = (error: unknown) => part.map(() => registryError(error));
      answers.push(...(await ask(part).then((data) => results(data, part.length)).catch(failed)));
    }
    const found: (Found | RegistryError)[] = [];
    for (const [number, sent] of sendable.entries()) {
      const answer = answers[number];
      found.push(answer instanceof RegistryError ? answer : (problem(answer, sent) ?? (await readOr(() => read(answer, sent)))));
    }
    const following = found.values();
    return items.map((item) => (item instanceof RegistryError ? item : (following.next().value as Found | RegistryError)));
  }

  #resolved(answer: unknown, sent: ResolveItem): Resolved | RegistryError {
    const refused = problem(answer, sent);
    if (refused) return refused;
    try {
      const resolution = answer as Schemas["Resolution"];
      const [found, until, now] = [new Resolved(resolution), seconds(resolution.valid_until), this.#settings.now()];
      if (!textual([`${found}`, ...found.candidates, ...resolution.owners.map((owner) => owner.vasp.id)])) throw new TypeError();
      if (until <= now) return new Unavailable("expired", `the answer was valid until ${resolution.valid_until}`);
      const keep = found.status === "not_found" ? Math.min(until, now + NOT_FOUND_SECONDS) : until;
      this.#cache.keep(canonical(sent), keep, found);
      return found;
    } catch {
      return malformed();
    }
  }

  async #verdict(answer: unknown, sent: PrecheckRequest): Promise<Verdict> {
    const receipt = await this.#receipt(answer, sent);
    if (receipt === null && this.#records(sent)) throw new Unavailable("unsigned", "the pre-check was to be recorded, and has no receipt");
    const precheck = answer as Precheck;
    let [verdict, until]: [Verdict | null, number] = [null, 0];
    try {
      verdict = new Verdict(structuredClone(sent), precheck, receipt, this.#settings.now);
      until = seconds(precheck.valid_until);
      const codes = [precheck.reasons, precheck.conditions].flatMap((findings) => findings.map((finding) => finding.code));
      if (!textual([...codes, precheck.recommendation, precheck.scope])) throw new TypeError();
    } catch {
      throw malformed();
    }
    if (until <= this.#settings.now() && !sent.as_of) throw new Unavailable("expired", `the answer was valid until ${precheck.valid_until}`);
    return verdict;
  }

  async #receipt(answer: unknown, sent?: PrecheckRequest): Promise<Receipt | null> {
    if (typeof answer !== "object" || answer === null || !("receipt" in answer) || answer.receipt === null) return null;
    let jwks = await this.#keys();
    for (;;) {
      try {
        const sandbox = this.#forSandbox;
        return await verifyReceipt(answer, jwks, { ...(sent && { request: sent }), ...(this.#issuer && { issuer: this.#issuer }), sandbox });
      } catch (error) {
        if (!(error instanceof NotVerified)) throw error;
        const fresh = this.#settings.elapsed() - this.#jwksAt < KEYS_AGAIN_SECONDS;
        if (error.code !== "unknown_key" || this.#pinned || fresh) throw new Unavailable(error.code, error.detail);
        jwks = await this.#keys(true);
      }
    }
  }

  async #keys(again = false): Promise<Jwks> {
    if (this.#jwks && !again) return this.#jwks;
    const jwks = (await this.api.GET("/.well-known/jwks.json")).data;
    if (!Array.isArray(jwks?.keys)) throw new Unavailable("malformed", "the registry's keys cannot be read");
    this.#jwks = jwks;
    this.#jwksAt = this.#settings.elapsed();
    return jwks;
  }

  #records(request: PrecheckRequest): boolean {
    return request.record === true || (this.hasKey && request.record !== false);
  }

  async #networkNeeded(request: PrecheckRequest): Promise<InvalidSubject> {
    const side = [request.originator, request.beneficiary].find((one) => one && lacksNetwork(one));
    const { data } = await this.api.POST("/v1/networks/parse", { body: { addresses: [{ address: clean(side?.address ?? "") }] } });
    try {
      const answer = results(data, 1)[0] as { readings?: { networks: string[] }[] };
      const candidates = [...new Set((answer.readings ?? []).flatMap((reading) => [...reading.networks]))];
      return new InvalidSubject("network_needed", "name the network of the address; see `candidates`", candidates);
    } catch {
      throw malformed();
    }
  }
}

/** Every call of openapi-fetch goes through `send`; what is named to hooks is the route, not the URL. */
function calls(settings: Settings, key: string | null): Middleware {
  return {
    onRequest: ({ request, schemaPath, options }) =>
      send(settings, key, request, `${request.method} ${schemaPath}`, options.parseAs === "json"),
  };
}

async function* pages<Item>(ask: (cursor: { cursor?: string }) => Promise<Page<Item> | undefined>): AsyncGenerator<Item> {
  for (let cursor: string | null | undefined; ; ) {
    const page = await ask(cursor ? { cursor } : {});
    if (!Array.isArray(page?.items) || (page.next_cursor && page.next_cursor === cursor)) {
      throw new Unavailable("malformed", "the list lacks its items, or its pages do not end");
    }
    yield* page.items;
    cursor = page.next_cursor;
    if (!cursor) return;
  }
}

/** Whether a side has an address without its network. A payment string names it, or the registry says that it does not. */
function lacksNetwork(side: { address?: string | null; network?: string | null }): boolean {
  return !!side.address && !side.network && !/[:?]/.test(side.address);
}

function prepared(request: PrecheckRequest): PrecheckRequest {
  const body = structuredClone(request);
  for (const name of ["originator", "beneficiary"] as const) {
    const side = body[name];
    if (!side) continue;
    body[name] = cleanItem(side);
    if (lacksNetwork(side)) throw new InvalidSubject("network_needed", `name the network of the ${name}'s address`);
  }
  return JSON.parse(JSON.stringify(body)) as PrecheckRequest; // as it is sent: without members that are undefined
}

/** Splits items where a request would have too many of them, or too many bytes. */
function parts<Item>(items: Item[], { batchSize, batchBytes }: Settings): Item[][] {
  const split: Item[][] = [];
  let size = Infinity;
  for (const item of items) {
    const length = utf8(JSON.stringify(item)).length + 1;
    const last = split.at(-1);
    if (last && last.length < batchSize && size + length <= batchBytes) last.push(item);
    else split.push([item]);
    size = split.at(-1) === last ? size + length : length;
  }
  return split;
}

function results(answer: unknown, count: number): unknown[] {
  const found = typeof answer === "object" && answer !== null && "results" in answer ? answer.results : null;
  if (!Array.isArray(found) || found.length !== count) throw new Unavailable("malformed", "the registry did not answer every item");
  return found;
}

function textual(values: unknown[]): boolean {
  return values.every((value) => typeof value === "string");
}

function problem(answer: unknown, sent: object): RegistryError | null {
  if (typeof answer !== "object" || answer === null || !("problem" in answer)) return null;
  try {
    const said = answer.problem as Schemas["Problem"];
    return new ProblemError(said, without(said.detail, namedIn(sent)));
  } catch {
    return malformed();
  }
}

function refusedOr<Item>(make: () => Item): Item | InvalidSubject {
  try {
    return make();
  } catch (error) {
    if (error instanceof InvalidSubject) return error;
    throw error;
  }
}

async function readOr<Found>(read: () => Found | RegistryError | Promise<Found>): Promise<Found | RegistryError> {
  return Promise.resolve().then(read).catch(registryError);
}

function registryError(error: unknown): RegistryError {
  if (error instanceof RegistryError) return error;
  throw error;
}

function malformed(): Unavailable {
  return new Unavailable("malformed", "the answer lacks what every answer has");
}
