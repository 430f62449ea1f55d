/**
 * Subjects that nobody can have listed, each asked once: where a list has one, it lists whatever it is asked about. They are taken
 * from what will never be anybody's: 240.0.0.0/4 (RFC 1112 §4), 2001:db8::/32 (RFC 3849), `.invalid` (RFC 2606). There are so
 * many that no resolver on the way has the answer from before.
 */
import { parseDomain, parseIp } from "../../mail/index.ts";
import type { ListSubject } from "./list.ts";

export type CanaryKind = "ipv4" | "ipv6" | "name";

/** Octets of chance that a canary takes. */
export const CANARY_OCTETS = 12;

/** Of the family of a subject: a zone may have one and not the other. */
export function canaryKind(subject: ListSubject): CanaryKind {
  if (subject.kind === "name") return "name";
  return subject.ip.includes(":") ? "ipv6" : "ipv4";
}

export function canary(kind: CanaryKind, chance: Uint8Array): ListSubject {
  if (chance.length < CANARY_OCTETS)
    throw new RangeError(`a canary takes ${CANARY_OCTETS} octets of chance`);
  const hex = Buffer.from(chance.subarray(0, CANARY_OCTETS)).toString("hex");
  switch (kind) {
    case "ipv4": {
      const [a = 0, b = 0, c = 0, d = 0] = chance;
      return address(`${240 + (a % 15)}.${b}.${c}.${d}`); // 255 is for broadcasts
    }
    case "ipv6":
      return address(`2001:db8:${hex.match(/.{4}/g)?.join(":") ?? ""}`);
    case "name": {
      const domain = parseDomain(`c${hex}.invalid`);
      if (domain === undefined) throw new Error("a canary is no name");
      return { kind: "name", domain };
    }
  }
}

function address(text: string): ListSubject {
  const ip = parseIp(text);
  if (ip === undefined) throw new Error(`a canary is no address: ${text}`);
  return { kind: "address", ip };
}
