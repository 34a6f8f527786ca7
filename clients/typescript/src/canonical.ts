// Canonical JSON (RFC 8785, JCS) and the encodings of signatures. ECMAScript writes strings and numbers as RFC 8785 demands.

/** Writes JSON in RFC 8785 form: members by their UTF-16 code units, no blanks. Throws `TypeError` for what JSON cannot say. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    members.sort(([one], [other]) => (one < other ? -1 : 1)); // strings compare by UTF-16 code units
    return `{${members.map(([name, member]) => `${canonical(name)}:${canonical(member)}`).join(",")}}`;
  }
  const says = typeof value === "number" ? Number.isFinite(value) : ["string", "boolean"].includes(typeof value) || value === null;
  if (!says || (typeof value === "string" && /\p{Cs}/u.test(value))) throw new TypeError("not JSON");
  return JSON.stringify(value);
}

export async function sha256(data: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", data as BufferSource));
}

/** SHA-256 over the RFC 8785 form, as receipts have it. */
export async function digest(value: unknown): Promise<string> {
  return `sha256:${toHex(await sha256(utf8(canonical(value))))}`;
}

export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function toHex(data: Uint8Array): string {
  return Array.from(data, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function fromHex(text: string): Uint8Array {
  if (!/^([0-9a-f]{2})*$/i.test(text)) throw new TypeError("not hex");
  return Uint8Array.from(text.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}

export function fromBase64(text: string): Uint8Array {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw new TypeError("not base64");
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

export function fromBase64url(text: string): Uint8Array {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) throw new TypeError("not base64url");
  return fromBase64(text.replaceAll("-", "+").replaceAll("_", "/") + "=".repeat((4 - (text.length % 4)) % 4));
}

export function joined(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** Checks an Ed25519 signature (RFC 8032) by the 32 bytes of its key. */
export async function ed25519(key: Uint8Array, signature: Uint8Array, message: Uint8Array): Promise<boolean> {
  const imported = await crypto.subtle.importKey("raw", key as BufferSource, "Ed25519", false, ["verify"]);
  return crypto.subtle.verify("Ed25519", imported, signature as BufferSource, message as BufferSource);
}
