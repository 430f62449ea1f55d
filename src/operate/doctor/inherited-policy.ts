/** The DMARC policy that a domain without one of its own has from above it (RFC 9989 §4.10). */
import { labelsOf, type DnsName, type Resolver } from "../../protocol/dns/index.ts";
import { right, unknown, type Judgement } from "./finding.ts";
import { textsOfKind } from "./judge-texts.ts";
import { nameText } from "./presentation.ts";
import { below } from "./publication.ts";

/** RFC 9989 §4.10: so many names are asked, the domain's own included. */
const STEPS_LIMIT = 8;

/** Undefined where there is none above either. */
export async function inheritedPolicy(
  domain: DnsName,
  resolver: Resolver,
): Promise<Judgement | undefined> {
  const labels = labelsOf(domain);
  const parents = labels.slice(1).map((_, n) => labels.slice(n + 1).join("."));
  for (const parent of parents.slice(1 - STEPS_LIMIT)) {
    const name = below(parent, "_dmarc");
    if (name === undefined) continue;
    const there = await resolver.resolve(name, "TXT");
    if (there.kind === "failed") return unknown("whether a domain above has one is not known");
    const texts = there.kind === "found" ? there.records : [];
    const decoded = texts.map((octets) => new TextDecoder("latin1").decode(octets));
    if (textsOfKind("dmarc", decoded).length === 1)
      return right(`${nameText(name)} holds here too`);
  }
  return undefined;
}
