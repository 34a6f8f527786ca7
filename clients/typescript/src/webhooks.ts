// Webhooks as the registry signs them: Standard Webhooks 1.0, HMAC-SHA256 over `id.timestamp.body`.
import { fromBase64, utf8 } from "./canonical.js";
import { NotVerified } from "./errors.js";
import type { components } from "./schema.js";

const TOLERANCE_SECONDS = 300; // the age that the Standard Webhooks libraries allow

/** A message that the registry sent. `id` is the same at every attempt: keep it to recognise a message that arrives twice. */
export interface WebhookMessage {
  id: string;
  type: string;
  timestamp: string;
  data: components["schemas"]["Alert"];
}

/**
 * Returns the message if one of the secrets (`whsec_…`) signed it within the last five minutes; else throws `NotVerified`.
 *
 * `body` is the body as it arrived. During the overlap of a rotation the registry signs with both secrets.
 */
export async function verifyWebhook(
  secrets: string | string[],
  headers: Headers | Record<string, string | string[] | undefined>,
  body: string,
  now: number = Date.now() / 1000,
): Promise<WebhookMessage> {
  const entries = headers instanceof Headers ? [...headers] : Object.entries(headers);
  const given = new Map(entries.map(([name, value]) => [name.toLowerCase(), String(value)]));
  const [id, timestamp, signatures] = ["id", "timestamp", "signature"].map((name) => given.get(`webhook-${name}`) ?? "");
  if (!id || !timestamp || !signatures || !/^\d+$/.test(timestamp)) {
    throw new NotVerified("unreadable", "the message lacks a header of Standard Webhooks");
  }
  const signed = utf8(`${id}.${timestamp}.${body}`) as BufferSource;
  let held = false;
  for (const secret of [secrets].flat()) {
    const algorithm = { name: "HMAC", hash: "SHA-256" };
    const key = await crypto.subtle.importKey("raw", secretBytes(secret), algorithm, false, ["verify"]);
    for (const entry of signatures.split(" ").filter((one) => /^v1,[A-Za-z0-9+/]{43}=$/.test(one))) {
      held = (await crypto.subtle.verify("HMAC", key, fromBase64(entry.slice(3)) as BufferSource, signed)) || held;
    }
  }
  if (!held) throw new NotVerified("altered", "no secret of yours signed the message");
  if (Math.abs(now - Number(timestamp)) > TOLERANCE_SECONDS) {
    throw new NotVerified("too_old", "the message is more than five minutes from now");
  }
  try {
    const message = JSON.parse(body) as WebhookMessage;
    if (typeof message.type !== "string" || typeof message.timestamp !== "string" || typeof message.data !== "object") throw new TypeError();
    return { id, type: message.type, timestamp: message.timestamp, data: message.data };
  } catch {
    throw new NotVerified("unreadable", "the message is not the registry's JSON");
  }
}

function secretBytes(secret: string): BufferSource {
  try {
    const bytes = fromBase64(secret.replace(/^whsec_/, ""));
    if (bytes.length > 0) return bytes as BufferSource;
  } catch {
    // said below
  }
  throw new NotVerified("unreadable", "a secret cannot be read");
}
