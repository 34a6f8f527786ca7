// What a pre-check says, and the only way from there to a transfer: `Verdict.proceed`.
import { type Condition, NotCleared } from "./errors.js";
import type { Receipt } from "./receipts.js";
import type { components } from "./schema.js";
import { namedIn, redacted } from "./subjects.js";

type Schemas = components["schemas"];
export type Precheck = Schemas["Precheck"];
export type PrecheckRequest = Schemas["PrecheckRequest"];
export type Resolution = Schemas["Resolution"];

const MADE_BY_PROCEED = Symbol("made by proceed");
const INSPECT = Symbol.for("nodejs.util.inspect.custom");

/** An RFC 3339 time as seconds since 1970. */
export function seconds(time: string): number {
  const moment = Date.parse(time);
  if (!/(Z|[+-]\d\d:\d\d)$/i.test(time) || Number.isNaN(moment)) throw new TypeError("not an RFC 3339 time");
  return moment / 1000;
}

/** Who owns a subject. `answer` is what the registry said, whole. */
export class Resolved {
  /** A status that this client does not know counts as `conflicted`. */
  readonly status: Schemas["ResolutionStatus"];
  constructor(readonly answer: Resolution) {
    this.status = ["owned", "ambiguous", "not_found"].includes(answer.status) ? answer.status : "conflicted";
  }

  /** The owner, if there is exactly one and nobody contradicts; else null. */
  get owner(): Schemas["VaspSummary"] | null {
    const [first, ...others] = this.answer.owners;
    return this.status === "owned" && first && others.length === 0 ? first.vasp : null;
  }

  /** The networks that an address without a network can be on, most likely first. */
  get candidates(): string[] {
    return this.answer.candidates;
  }

  toString(): string {
    return `<Resolved ${this.status} ${redacted(this.answer.subject.value)}>`;
  }

  [INSPECT](): string {
    return this.toString();
  }
}

/** What a pre-check recommends. `answer` is what the registry said, whole; `receipt` is what it signed. */
export class Verdict {
  /** A recommendation that this client does not know counts as `hold`. */
  readonly recommendation: Schemas["Recommendation"];
  readonly #request: PrecheckRequest;
  readonly #now: () => number;
  constructor(
    request: PrecheckRequest,
    readonly answer: Precheck,
    readonly receipt: Receipt | null,
    now: () => number,
  ) {
    const said = answer.recommendation;
    this.recommendation = ["reject", "proceed_with_conditions", "proceed"].includes(said) ? said : "hold";
    this.#request = request;
    this.#now = now;
  }

  /**
   * Returns what lets this transfer go on. Throws `NotCleared` unless it may.
   *
   * `met` is asked about every condition of `proceed_with_conditions`: has it been met? Without it, no condition counts as met.
   */
  proceed(met: (condition: Condition) => boolean = () => false): Clearance {
    const { conditions, reasons, scope } = this.answer;
    if (this.recommendation === "hold" || this.recommendation === "reject") {
      throw new NotCleared(this.recommendation, reasons.map((reason) => reason.code).join(", ") || "the registry gave no reason");
    }
    if (this.recommendation === "proceed_with_conditions" && conditions.length === 0) {
      throw new NotCleared("hold", "conditions are asked for and none is named");
    }
    const unmet = conditions.filter((condition) => met(condition) !== true);
    if (unmet.length > 0) throw new NotCleared("conditions_open", unmet.map((condition) => condition.code).join(", "), unmet);
    if (scope !== "transfer" && this.#request.direction !== "incoming") {
      throw new NotCleared("counterparty_only", "the pre-check named no address, so it clears none");
    }
    if (this.#request.as_of !== undefined && this.#request.as_of !== null) {
      throw new NotCleared("as_of", "the pre-check is about the past");
    }
    if (this.receipt === null) throw new NotCleared("unsigned", "the pre-check was not recorded, so it has no receipt");
    return new Clearance(this.#request, this.answer, this.receipt, this.#now, MADE_BY_PROCEED);
  }

  toString(): string {
    return `<Verdict ${this.recommendation} ${this.answer.id} ${namedIn(this.#request).map(redacted).join(" ")}>`;
  }

  [INSPECT](): string {
    return this.toString();
  }
}

/** What a transfer is about, as it stands in the pre-check's request. */
export interface TransferFacts {
  address?: string | null;
  network?: string | null;
  memo?: string | null;
  travel_address?: string | null;
  asset?: string | null;
  amount?: string | null;
}

/** Lets one transfer go on, once. Only `Verdict.proceed` makes one: let the function that sends take it, and redeem it there. */
export class Clearance {
  readonly validUntil: string;
  readonly #cleared: TransferFacts;
  readonly #now: () => number;
  #used = false;
  constructor(
    request: PrecheckRequest,
    answer: Precheck,
    readonly receipt: Receipt,
    now: () => number,
    madeBy: symbol,
  ) {
    if (madeBy !== MADE_BY_PROCEED) throw new TypeError("only Verdict.proceed makes a Clearance");
    const side = request.direction === "incoming" ? "originator" : "beneficiary";
    const read = (answer.transfer ?? {}) as unknown as TransferFacts & { [part in typeof side]?: TransferFacts & { payment_uri?: unknown } };
    // What was signed, not the payment URI, is what is sent.
    const ofUri = (read[side]?.payment_uri ?? null) !== null;
    const { address, network, memo, travel_address } = ((ofUri ? read[side] : request[side]) ?? {}) as TransferFacts;
    const { asset, amount } = ((ofUri ? read : request.transfer) ?? {}) as TransferFacts;
    this.#cleared = { address, network, memo, travel_address, asset, amount } as TransferFacts;
    this.validUntil = answer.valid_until;
    this.#now = now;
  }

  /**
   * Uses the clearance up, right before sending, and returns the id of the pre-check. Each value must be the one that was asked about.
   *
   * Throws `NotCleared`: `expired`, `used`, or `other_transfer`.
   */
  redeem(facts: TransferFacts): string {
    const names = ["address", "network", "memo", "travel_address", "asset", "amount"] as const;
    const other = names.filter((name) => (facts[name] ?? null) !== (this.#cleared[name] ?? null));
    if (other.length > 0) throw new NotCleared("other_transfer", `not what the pre-check was about: ${other.join(", ")}`);
    if (this.#now() >= seconds(this.validUntil)) throw new NotCleared("expired", `the answer was valid until ${this.validUntil}`);
    if (this.#used) throw new NotCleared("used", "this clearance let a transfer go on already");
    this.#used = true;
    return this.receipt.precheckId;
  }
}
