// Where the registry is and who asks, from arguments or the environment.
import { ConfigurationError } from "./errors.js";

/** Returns the base URL. Plain HTTP is for this machine only. */
export function registryUrl(given: string | undefined): string {
  const text = (given ?? "").trim();
  if (text === "") throw new ConfigurationError("no_url", "give the URL of the registry, or set VASP_REGISTRY_URL");
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new ConfigurationError("invalid_url", "the URL of the registry cannot be read");
  }
  if (!["http:", "https:"].includes(url.protocol) || url.username || url.password || url.search || url.hash) {
    throw new ConfigurationError("invalid_url", "the URL of the registry is https://HOST[/PATH], without user, query and fragment");
  }
  if (url.protocol === "http:" && !/^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(url.hostname)) {
    throw new ConfigurationError("plain_http", `plain http is for this machine only: write https://${url.hostname}`);
  }
  return url.href.replace(/\/+$/, "");
}

/** Returns the API key; null if there is none. */
export function registryKey(given: string | null | undefined): string | null {
  if (given === null || given === undefined) return null;
  const key = given.trim();
  if (!/^[!-~]+$/.test(key)) throw new ConfigurationError("invalid_key", "the API key is empty, or has characters that no key has");
  return key;
}

/** Reads `VASP_REGISTRY_URL` and `VASP_REGISTRY_KEY`, or the file that `VASP_REGISTRY_KEY_FILE` names. Not in browsers. */
export function fromEnvironment(): { url: string; key: string | null } {
  const { VASP_REGISTRY_URL: url, VASP_REGISTRY_KEY: key, VASP_REGISTRY_KEY_FILE: file } = process.env;
  if (key && file) throw new ConfigurationError("two_keys", "set VASP_REGISTRY_KEY or VASP_REGISTRY_KEY_FILE, not both");
  if (key !== undefined || !file) return { url: registryUrl(url), key: registryKey(key) };
  let text: string;
  try {
    text = process.getBuiltinModule("node:fs").readFileSync(file, "utf8"); // not an import: bundles for browsers have no node:fs
  } catch (error) {
    throw new ConfigurationError("no_key_file", `VASP_REGISTRY_KEY_FILE cannot be read: ${(error as NodeJS.ErrnoException).code ?? "error"}`);
  }
  return { url: registryUrl(url), key: registryKey(text) };
}
