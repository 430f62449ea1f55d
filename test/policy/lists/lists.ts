/** Lists and addresses for tests, from what an operator would write. */
import assert from "node:assert/strict";
import { parseDomain, parseIp, type Domain, type Ip } from "../../../src/mail/index.ts";
import type { DnsList, List, ListSubject, ListWatch } from "../../../src/policy/lists/index.ts";
import { listsSchema } from "../../../src/policy/lists/settings.ts";

/** Where nobody watches: every list is well. */
export const ALWAYS_WELL: ListWatch = {
  stateOf: () => ({ state: "well", since: 0 }),
  isUsualSince: () => true,
  happened() {},
};

type Written = Readonly<Record<string, unknown>>;

export function listsOf(...written: readonly Written[]): readonly List[] {
  return listsSchema.parse(written);
}

/** A zone that votes, unless it says otherwise. */
export function zoneList(written: Written = {}): DnsList {
  const [list] = listsOf({
    mode: "vote",
    ...(!("preset" in written) && { zone: "bl.example" }),
    ...written,
  });
  assert.ok(list?.source === "zone");
  return list;
}

export function ip(text: string): Ip {
  return parseIp(text) ?? assert.fail(text);
}

export function domain(text: string): Domain {
  return parseDomain(text) ?? assert.fail(text);
}

export function address(text: string): ListSubject {
  return { kind: "address", ip: ip(text) };
}

export function named(text: string): ListSubject {
  return { kind: "name", domain: domain(text) };
}
