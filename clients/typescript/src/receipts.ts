// Receipts, checked offline: EdDSA (RFC 8037) over a compact JWS (RFC 7515), digests over JCS (RFC 8785).
import { digest, ed25519, fromBase64url, utf8 } from "./canonical.js";
import { NotVerified, RegistryError } from "./errors.js";
import type { components } from "./schema.js";

const SKEW_SECONDS = 60; // how far the clocks of a registry's nodes may differ: the registry's docs/trust.md, "Keys"

/** The keys of `/.well-known/jwks.json` (RFC 7517). */
export type Jwks = components["schemas"]["SigningKeys"];

/** What a valid receipt says. */
export interface Receipt {
  readonly issuer: string;
  readonly issuedAt: number;
  readonly precheckId: string;
  readonly recommendation: string;
  readonly sequence: number;
  readonly checkpoint: { readonly size: number; readonly root: string };
  readonly kid: string;
}

/** What a receipt is compared with. */
export interface Expected {
  /** The evidence as received, if it is not inside the answer. */
  readonly evidence?: object;
  readonly request?: object;
  readonly issuer?: string;
  readonly sandbox?: boolean;
}

/**
 * Checks that the registry signed this verdict, and to this request. Needs no network.
 *
 * `answer` and `request` are the documents as received and as sent. What a sandbox signed is about invented firms, and refused unless
 * `sandbox` is set. Throws `NotVerified`.
 */
export async function verifyReceipt(answer: object, jwks: Jwks, options: Expected = {}): Promise<Receipt> {
  try {
    return await verified(answer as Record<string, any>, jwks, options);
  } catch (error) {
    if (error instanceof RegistryError) throw error;
    throw new NotVerified("unreadable", "the receipt, the answer or the keys cannot be read");
  }
}

async function verified(answer: Record<string, any>, jwks: Jwks, options: Expected): Promise<Receipt> {
  const { receipt, evidence, ...rest } = answer;
  const [head = "", body = "", signature = "", ...more] = String(receipt).split(".");
  const [header, claims] = [head, body].map((part) => JSON.parse(new TextDecoder().decode(fromBase64url(part))));
  if (header.alg !== "EdDSA" || header.typ !== "precheck-receipt+jwt" || "crit" in header || more.length > 0) {
    throw new NotVerified("unreadable", "the receipt is not a pre-check's");
  }
  const key = jwks.keys.find((one) => one.kid === header.kid && one.purpose === "receipt" && one.crv === "Ed25519");
  if (!key) throw new NotVerified("unknown_key", `no receipt key ${header.kid} is known`);
  if (!(await ed25519(fromBase64url(key.x), fromBase64url(signature), utf8(`${head}.${body}`)))) {
    throw new NotVerified("altered", "the receipt's signature is not the registry's");
  }
  const { iss, iat, precheck_id, recommendation, sequence, checkpoint } = claims;
  if (![iat, sequence, checkpoint.size].every(Number.isSafeInteger)) throw new TypeError("not a receipt");
  if (iat < (key.nbf ?? 0) - SKEW_SECONDS || iat > (key.exp ?? Infinity) + SKEW_SECONDS) {
    throw new NotVerified("key_not_in_use", "the key was not in use when the receipt was signed");
  }
  const same = precheck_id === rest.id && recommendation === rest.recommendation && sequence === rest.directory.sequence;
  if (!same || claims.verdict_digest !== (await digest(rest))) {
    throw new NotVerified("altered", "the answer is not the one that was signed");
  }
  for (const held of [evidence, options.evidence]) {
    if (held !== undefined && rest.evidence_digest !== (await digest(held))) {
      throw new NotVerified("altered", "the evidence is not the one that was signed");
    }
  }
  if (options.request !== undefined && claims.request_digest !== (await digest(options.request))) {
    throw new NotVerified("altered", "the answer was signed for another request");
  }
  if (options.issuer !== undefined && iss !== options.issuer) throw new NotVerified("altered", "the receipt is another registry's");
  if (answer.environment === "sandbox" && !options.sandbox) {
    throw new NotVerified("sandbox", "a sandbox signed this receipt, and nothing in it is real");
  }
  const { size, root } = checkpoint;
  return { issuer: iss, issuedAt: iat, precheckId: precheck_id, recommendation, sequence, checkpoint: { size, root }, kid: key.kid };
}
