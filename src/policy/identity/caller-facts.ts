/** What the journal keeps of a certificate that was shown, and of who that is. */
import { createHash } from "node:crypto";
import type { CallerFacts } from "../../mail/index.ts";
import { shownKeyDigest } from "./caller.ts";
import type { CertificateReader } from "./certificate-content.ts";
import type { Caller } from "./caller.ts";

/** Names that are kept, and octets of each: what stands in a stranger's certificate may be anything. */
const NAMES_LIMIT = 8;
const NAME_OCTETS_LIMIT = 253;

/** `own`: DER. */
export function callerFacts(
  own: Uint8Array,
  caller: Caller,
  reader: CertificateReader,
): CallerFacts {
  const key = shownKeyDigest(own);
  const names = reader.read(own)?.dnsNames ?? [];
  return {
    certificate: createHash("sha256").update(own).digest("hex"),
    ...(key !== undefined && { key }),
    names: names.slice(0, NAMES_LIMIT).map((name) => name.slice(0, NAME_OCTETS_LIMIT)),
    ...known(caller),
  };
}

function known(caller: Caller): Pick<CallerFacts, "level" | "peer" | "reason"> {
  switch (caller.kind) {
    case "nobody":
      return { level: "none", ...(caller.reason !== undefined && { reason: caller.reason }) };
    case "named":
      return { level: "certificate" };
    case "peer":
      return { level: caller.level, peer: caller.peer.name };
  }
}
