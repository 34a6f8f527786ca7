// What can go wrong. No error carries a whole address: see `redacted` in subjects.ts.
import type { components } from "./schema.js";

type Problem = components["schemas"]["Problem"];
export type Condition = components["schemas"]["Condition"];

/** The base of every error here. `code` is a word for programs. */
export class RegistryError extends Error {
  constructor(
    readonly code: string,
    readonly detail: string,
  ) {
    super(`${code}: ${detail}`);
    this.name = new.target.name;
  }
}

/** The client cannot be made: no address, no usable key, or plain HTTP to another machine. */
export class ConfigurationError extends RegistryError {}

/**
 * There is no answer that may be used. Treat it as `hold`.
 *
 * Codes: `timeout`, `connection`, `rate_limited`, `in_progress`, `unavailable` (502, 503, 504), `server_error`, `malformed`, `unsigned`,
 * `expired`, or the code of a receipt that is not valid (see `NotVerified`).
 */
export class Unavailable extends RegistryError {
  constructor(
    code: string,
    detail: string,
    readonly requestId: string | null = null,
    /** Seconds after which the server can be asked again; null if it did not say. */
    readonly retryAfter: number | null = null,
  ) {
    super(code, detail);
  }
}

/** The registry refused the request with a problem document (RFC 9457). Asking again in the same way will not help. */
export class ProblemError extends RegistryError {
  readonly status: number;
  readonly requestId: string;
  readonly fieldCodes: string[];
  readonly pointers: string[];
  constructor(problem: Problem, detail: string) {
    super(problem.code, detail);
    this.status = problem.status;
    this.requestId = problem.request_id;
    this.fieldCodes = problem.errors.map((fault) => fault.code);
    this.pointers = problem.errors.map((fault) => fault.pointer);
    if (typeof this.code !== "string" || typeof this.status !== "number") throw new TypeError("not a problem document");
  }
}

/** Refused before anything was sent. Codes: `empty`, `invisible_character`, `look_alike`, `network_needed`. */
export class InvalidSubject extends RegistryError {
  constructor(
    code: string,
    detail: string,
    /** With `network_needed`: the networks that the address can be on, most likely first. */
    readonly candidates: string[] = [],
  ) {
    super(code, detail);
  }
}

/**
 * The transfer may not go on.
 *
 * Codes: `hold`, `reject`, `conditions_open`, `counterparty_only`, `unsigned`, `as_of`, `expired`, `used`, `other_transfer`.
 */
export class NotCleared extends RegistryError {
  constructor(
    code: string,
    detail: string,
    /** With `conditions_open`: what is still to be met. */
    readonly conditions: Condition[] = [],
  ) {
    super(code, detail);
  }
}

/** Something signed does not hold. Codes: `unreadable`, `unknown_key`, `key_not_in_use`, `altered`, `sandbox`, `not_included`, `too_old`. */
export class NotVerified extends RegistryError {}
