// Hygiene of addresses and other subjects before they are sent, and their short form for people to read.
import { InvalidSubject } from "./errors.js";

const SUBJECTS = ["address", "subject", "travel_address", "vasp", "memo"];
const ANY_SCRIPT = ["common_name", "identifier"]; // kinds of subjects that may be written in any script

/** Returns the value without blanks around it. Refuses characters that cannot be seen, and letters that look like others. */
export function clean(value: string, anyScript = false): string {
  const cleaned = value.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "");
  if (cleaned === "") throw new InvalidSubject("empty", "the subject is empty");
  for (const [at, character] of [...cleaned].entries()) {
    const point = `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
    if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/u.test(character) || (!anyScript && /\p{Zs}/u.test(character))) {
      throw new InvalidSubject("invisible_character", `character ${at + 1} is ${point}, which cannot be seen`);
    }
    if (!anyScript && character > "~") {
      const hint = "an address has ASCII characters only, and a domain is written as xn--…";
      throw new InvalidSubject("look_alike", `character ${at + 1} is ${point}: ${hint}`);
    }
  }
  return cleaned;
}

/** Cleans the members of an object that name a subject; a memo may be in any script. Members that are undefined are left out. */
export function cleanItem<Item extends object>(item: Item): Item {
  const kind = "kind" in item && typeof item.kind === "string" ? (item.kind.split(":")[0] ?? "") : "";
  const cleaned = Object.entries(item).map(([name, value]: [string, unknown]) => {
    const anyScript = name === "memo" || (name === "subject" && ANY_SCRIPT.includes(kind));
    return [name, SUBJECTS.includes(name) && typeof value === "string" ? clean(value, anyScript) : value];
  });
  return Object.fromEntries(cleaned.filter(([, value]) => value !== undefined)) as Item;
}

/** First 6 and last 4 characters; all of a short value is hidden. */
export function redacted(value: string): string {
  return value.length > 12 ? `${value.slice(0, 6)}…${value.slice(-4)}` : "…";
}

/** Every subject in a request. */
export function namedIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => (SUBJECTS.includes(name) && typeof member === "string" ? [member] : namedIn(member)));
}

/** Returns the text with every one of these subjects in its short form, in whatever case it is written. */
export function without(text: string, subjects: string[]): string {
  const longest = [...new Set(subjects)].filter((subject) => subject.length > 3).sort((one, other) => other.length - one.length);
  const escaped = longest.map((subject) => subject.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"));
  return escaped.length === 0 ? text : text.replace(new RegExp(escaped.join("|"), "gi"), redacted);
}
