// How a case says what it expects: see `about` in clients/conformance/cases.json.
import { isDeepStrictEqual } from "node:util";

export interface Names {
  kept: Map<string, unknown>;
  seen: Map<string, unknown[]>;
}

/** Returns what differs, in words. `names` keeps the values of `$same` and `$fresh` within a case. */
export function differences(expected: any, found: any, names: Names, at = ""): string[] {
  const isObject = (value: unknown) => typeof value === "object" && value !== null && !Array.isArray(value);
  const [[comparison, value] = ["", null]] = isObject(expected) ? Object.entries(expected) : [];
  if (comparison.startsWith("$")) {
    return compare(comparison, value, found, names) ? [] : [`${at}: ${JSON.stringify(found)} is not ${JSON.stringify(expected)}`];
  }
  if (isObject(expected) && isObject(found)) {
    return Object.entries(expected).flatMap(([name, member]) => differences(member, found[name], names, `${at}/${name}`));
  }
  if (Array.isArray(expected) && Array.isArray(found) && expected.length === found.length) {
    return expected.flatMap((member, number) => differences(member, found[number], names, `${at}/${number}`));
  }
  const same = isDeepStrictEqual(expected, found) || (expected === null && found === undefined);
  return same ? [] : [`${at}: ${JSON.stringify(found)} is not ${JSON.stringify(expected)}`];
}

function compare(comparison: string, value: any, found: any, { kept, seen }: Names): boolean {
  switch (comparison) {
    case "$contains":
      return found?.includes?.(value) === true;
    case "$length":
      return found?.length === value;
    case "$matches":
      return new RegExp(value).test(String(found));
    case "$same":
      if (!kept.has(value)) kept.set(value, found);
      return found !== undefined && isDeepStrictEqual(kept.get(value), found);
    case "$fresh":
      return found !== undefined && !seen.get(value)?.includes(found);
    default:
      throw new Error(`unknown comparison ${comparison}`);
  }
}
