// The log of changes, checked offline: signed checkpoints (C2SP signed-note, tlog-checkpoint) and proofs of inclusion (RFC 9162).
import { canonical, ed25519, fromBase64, fromHex, joined, sha256, toHex, utf8 } from "./canonical.js";
import { NotVerified, RegistryError } from "./errors.js";
import type { Jwks } from "./receipts.js";
import type { components } from "./schema.js";

export type InclusionProof = components["schemas"]["InclusionProof"];
export type Change = components["schemas"]["Change"];

/** The state of the log that the registry signed: `size` entries with the root hash `root`, base64. */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: string;
}

async function readable<T>(what: string, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof RegistryError) throw error;
    throw new NotVerified("unreadable", `${what} cannot be read`);
  }
}

/** Checks `/v1/log/checkpoint`. `atLeast` is a checkpoint that you keep: a smaller log, or another one of that size, is refused. */
export async function verifyCheckpoint(note: string, jwks: Jwks, atLeast?: Checkpoint): Promise<Checkpoint> {
  const found = await readable("the checkpoint", () => signedCheckpoint(note, jwks));
  if (atLeast && (found.origin !== atLeast.origin || found.size < atLeast.size)) {
    throw new NotVerified("too_old", "the checkpoint is older than the one that you keep, or another log's");
  }
  if (atLeast && found.size === atLeast.size && found.root !== atLeast.root) {
    throw new NotVerified("altered", "the log has two roots of one size");
  }
  return found;
}

async function signedCheckpoint(note: string, jwks: Jwks): Promise<Checkpoint> {
  const end = note.lastIndexOf("\n\n");
  const text = note.slice(0, end + 1);
  const [origin = "", size = "", root = ""] = text.split("\n");
  if (end < 0 || !/^(0|[1-9]\d*)$/.test(size) || fromBase64(root).length !== 32) throw new TypeError("not a checkpoint");
  let trusted = 0;
  for (const line of note.slice(end + 2).split("\n").filter(Boolean)) {
    const [dash, name, value = ""] = line.split(" ");
    const signature = fromBase64(value);
    for (const key of jwks.keys.filter((one) => one.purpose === "checkpoint" && one.vkey)) {
      const [owner, identity = "", ...encoded] = (key.vkey ?? "").split("+"); // base64 may have a + of its own
      if (dash !== "—" || name !== origin || owner !== origin || toHex(signature.slice(0, 4)) !== identity) continue;
      const [algorithm, ...bytes] = fromBase64(encoded.join("+"));
      if (algorithm !== 1) throw new NotVerified("unknown_key", "the checkpoint's key is not Ed25519"); // signed-note: 1
      if (!(await ed25519(Uint8Array.from(bytes), signature.slice(4), utf8(text)))) {
        throw new NotVerified("altered", "the checkpoint's signature is not the registry's");
      }
      trusted += 1;
    }
  }
  if (trusted === 0) throw new NotVerified("unknown_key", "no known key signed the checkpoint");
  return { origin, size: Number(size), root };
}

/** Checks a proof of `/v1/log/proof/inclusion` against a checkpoint of the same size (RFC 9162 section 2.1.3.2). */
export async function verifyInclusion(proof: InclusionProof, checkpoint: Checkpoint): Promise<void> {
  await readable("the proof", async () => {
    const { leaf_index: index, size, envelope, hashes } = proof;
    if (size !== checkpoint.size || index !== envelope.sequence - 1 || !Number.isSafeInteger(index) || index < 0 || index >= size) {
      throw new NotVerified("not_included", "the proof is for another entry, or for a log of another size");
    }
    let [at, last, found] = [index, size - 1, await sha256(joined(Uint8Array.of(0), utf8(canonical(envelope))))];
    const half = (value: number): number => Math.floor(value / 2);
    for (const sibling of hashes.map(fromBase64)) {
      if (last === 0 || sibling.length !== 32) throw new NotVerified("not_included", "the proof is too long");
      if (at % 2 === 1 || at === last) {
        found = await sha256(joined(Uint8Array.of(1), sibling, found));
        while (at % 2 === 0 && at > 0) [at, last] = [half(at), half(last)];
      } else {
        found = await sha256(joined(Uint8Array.of(1), found, sibling));
      }
      [at, last] = [half(at), half(last)];
    }
    if (last !== 0 || toHex(found) !== toHex(fromBase64(checkpoint.root))) {
      throw new NotVerified("not_included", "the entry is not in the log of this checkpoint");
    }
  });
}

/** Checks that an item of `/v1/changes` is the entry that is proven: its payload is the one that the log commits to. */
export async function verifyChange(change: Change, proof: InclusionProof, checkpoint: Checkpoint): Promise<void> {
  await verifyInclusion(proof, checkpoint);
  const { envelope } = proof;
  const names = ["sequence", "kind", "audience", "recorded_at", "payload_commitment"] as const;
  if (names.some((name) => change[name] !== envelope[name])) {
    throw new NotVerified("altered", "the change is not the entry that is proven");
  }
  if (change.payload === null || change.payload === undefined) return; // erased: its commitment alone remains
  const commitment = await readable("the change", () => sha256(joined(fromHex(change.salt ?? ""), utf8(canonical(change.payload)))));
  if (toHex(commitment) !== envelope.payload_commitment) {
    throw new NotVerified("altered", "the change's payload is not the one that the log commits to");
  }
}
