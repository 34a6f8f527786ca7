// One logical call: its attempts, waits and headers.
import { ProblemError, type RegistryError, Unavailable } from "./errors.js";
import { namedIn, without } from "./subjects.js";

export const VERSION = "0.1.0";
const LONGEST_RETRY_AFTER_SECONDS = 60;
const LONGEST_BACKOFF_SECONDS = 8;

/** One attempt, for logs and metrics: it carries no subject and no key. `wait` is how long the client waits before the next attempt. */
export interface Event {
  operation: string;
  attempt: number;
  seconds: number;
  status: number | null;
  failure: string | null;
  requestId: string | null;
  wait: number | null;
}

/** How calls are made. Times are in seconds; `deadline` is for all attempts of a call together. */
export interface Settings {
  timeout: number;
  deadline: number;
  attempts: number;
  batchSize: number;
  batchBytes: number;
  onEvent?: (event: Event) => void;
  traceparent?: () => string | undefined;
  fetch: typeof fetch;
  now: () => number;
  elapsed: () => number;
  chance: () => number;
  sleep: (seconds: number) => Promise<void>;
}

export const DEFAULTS: Settings = {
  timeout: 10,
  deadline: 30,
  attempts: 4,
  batchSize: 1000, // the API's limit
  batchBytes: 2_000_000, // a registry reads bodies of 2 MiB, unless it is set up otherwise
  fetch: (...given) => fetch(...given),
  now: () => Date.now() / 1000,
  elapsed: () => performance.now() / 1000,
  chance: Math.random,
  sleep: (seconds) => new Promise((done) => setTimeout(done, seconds * 1000)),
};

interface Reply {
  status: number;
  headers: Headers;
  body: string;
  failure: string | null;
}

/** Makes one logical call, with one idempotency key. Resolves to an answer with status 2xx, of JSON if `json`; else rejects with a `RegistryError`. */
export async function send(settings: Settings, key: string | null, request: Request, operation: string, json: boolean): Promise<Response> {
  const headers = new Headers(request.headers);
  headers.set("user-agent", `vasp-registry-typescript/${VERSION}`);
  headers.set("traceparent", settings.traceparent?.() ?? `00-${random(16)}-${random(8)}-00`);
  if (key !== null) headers.set("authorization", `Bearer ${key}`);
  if (request.method === "POST" && !headers.has("idempotency-key")) headers.set("idempotency-key", crypto.randomUUID());
  const body = (await request.text()) || null;
  const { method, url, signal } = request;
  const begun = settings.elapsed();
  for (let attempt = 1; ; attempt += 1) {
    const started = settings.elapsed();
    const limit = Math.min(settings.timeout, begun + settings.deadline - started);
    const reply = await once(settings, url, { method, headers, body, redirect: "manual" }, limit, signal);
    const error = wrong(reply, method, body, settings.now());
    let wait: number | null = null;
    if (error instanceof Unavailable && error.code !== "server_error" && attempt < settings.attempts) {
      wait = pause(settings, attempt, error.retryAfter);
      if (wait > LONGEST_RETRY_AFTER_SECONDS || settings.elapsed() - begun + wait >= settings.deadline) wait = null;
    }
    const { status, failure } = reply;
    const requestId = reply.headers.get("x-request-id");
    settings.onEvent?.({ operation, attempt, seconds: settings.elapsed() - started, status: status || null, failure, requestId, wait });
    if (error === null) return answered(reply, json);
    if (wait === null) throw error;
    await settings.sleep(wait);
  }
}

function answered({ status, headers, body }: Reply, json: boolean): Response {
  try {
    if (json && body !== "") JSON.parse(body);
  } catch {
    throw new Unavailable("malformed", "the answer is not JSON", headers.get("x-request-id"));
  }
  return new Response(status === 204 ? null : body, { status, headers });
}

async function once(settings: Settings, url: string, init: RequestInit, limit: number, signal: AbortSignal): Promise<Reply> {
  const timeout = AbortSignal.timeout(Math.max(1, limit * 1000));
  try {
    const answer = await settings.fetch(url, { ...init, signal: AbortSignal.any([timeout, signal]) });
    return { status: answer.status, headers: answer.headers, body: await answer.text(), failure: null };
  } catch (error) {
    signal.throwIfAborted(); // the caller gave up
    return { status: 0, headers: new Headers(), body: "", failure: timeout.aborted ? "timeout" : "connection" };
  }
}

/** What is wrong with a reply. `server_error` is final; every other `Unavailable` may be tried again. */
function wrong(reply: Reply, method: string, body: string | null, now: number): RegistryError | null {
  const { status, headers, failure } = reply;
  if (status >= 200 && status < 300) return null;
  const mayRepeat = ["GET", "POST"].includes(method); // a POST carries its idempotency key
  if (failure !== null) {
    const detail = failure === "timeout" ? "no answer in time" : "the connection failed";
    return new Unavailable(mayRepeat ? failure : "server_error", detail);
  }
  let refusal: ProblemError | null = null;
  try {
    const problem = JSON.parse(reply.body);
    refusal = new ProblemError(problem, without(problem.detail, body === null ? [] : namedIn(JSON.parse(body))));
  } catch {
    // not a problem document
  }
  let code = "server_error";
  if (status === 429) code = "rate_limited";
  else if (status === 409 && refusal?.code === "in_progress") code = "in_progress";
  else if ([502, 503, 504].includes(status) && mayRepeat) code = "unavailable";
  else if (status >= 400 && status < 500 && refusal) return refusal;
  return new Unavailable(code, refusal?.detail ?? `HTTP status ${status}`, headers.get("x-request-id"), retryAfter(headers.get("retry-after"), now));
}

/** What the server asks for and up to half a second more, so that clients do not return together; else jitter below a doubling ceiling. */
function pause(settings: Settings, attempt: number, after: number | null): number {
  if (after !== null) return after < LONGEST_RETRY_AFTER_SECONDS ? after + settings.chance() / 2 : after;
  return Math.min(LONGEST_BACKOFF_SECONDS, 0.5 * 2 ** (attempt - 1)) * (0.5 + settings.chance() / 2);
}

/** Seconds, or an HTTP date (RFC 9110 section 10.2.3). */
function retryAfter(value: string | null, now: number): number | null {
  if (value === null) return null;
  if (/^\d+$/.test(value.trim())) return Number(value);
  const moment = Date.parse(value);
  return Number.isNaN(moment) ? null : Math.max(0, moment / 1000 - now);
}

function random(bytes: number): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
