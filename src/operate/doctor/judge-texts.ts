/**
 * TXT records held against the one that was suggested: those of its kind among all that stand at the name, and of those what
 * they mean, not how they are written. Pure.
 */
import { foldAscii } from "../../mail/index.ts";
import { RIGHT, right, wrong, type Judgement } from "./finding.ts";
import { judgeSpf, type SpfWorld } from "./judge-spf.ts";
import type { Standing, TextPublication } from "./publication.ts";
import { readTags } from "./tags.ts";

type TextPurpose = TextPublication["purpose"];

const VERSIONS: Readonly<Record<TextPurpose, RegExp>> = {
  spf: /^v=spf1(?: |$)/i, // RFC 7208 §4.5
  dmarc: /^v[\t ]*=[\t ]*DMARC1[\t ]*(?:;|$)/,
  "mta-sts": /^v=STSv1[\t ]*;/,
  "tls-rpt": /^v=TLSRPTv1[\t ]*;/,
  dkim: /(?:^|;)[\t ]*p[\t ]*=/, // RFC 6376 §3.6.1: the version may be left out
};

/** Those of the publication's kind; others at the name are nobody's concern. */
export function textsOfKind(purpose: TextPurpose, texts: readonly string[]): readonly string[] {
  return texts.filter((text) => VERSIONS[purpose].test(text));
}

/** `found` are those of its kind; at least one. */
export function judgeText(
  { purpose, records: [wanted], standing }: TextPublication,
  found: readonly string[],
  world: SpfWorld,
): Judgement {
  const [only = "", ...more] = found;
  if (more.length > 0) return wrong(`there are ${found.length} of them: none counts`);
  switch (purpose) {
    case "spf":
      return judgeSpf(only, world);
    case "dkim":
      return judgeKey(only, wanted);
    case "dmarc":
      return judgePolicy(only);
    case "mta-sts":
      return judgePolicyId(only, wanted, standing);
    case "tls-rpt":
      return judgeReporting(only, wanted);
  }
}

/** Of a policy that is served elsewhere the id is not known; of ours another one hides from those who have the old policy that it has changed. */
function judgePolicyId(found: string, wanted: string, standing: Standing): Judgement {
  const id = readTags(found).get("id") ?? "";
  if (!/^[A-Za-z0-9]{1,32}$/.test(id)) return wrong("its id is no id (RFC 8461 §3.1)");
  return standing === "later" || id === readTags(wanted).get("id")
    ? RIGHT
    : wrong("it is not the id of the policy that is served here");
}

function judgeKey(found: string, wanted: string): Judgement {
  const [key, own] = [readTags(found), readTags(wanted)];
  const octets = bare(key.get("p"));
  if (octets === "") return wrong("the key is revoked");
  if (foldAscii(key.get("k") ?? "rsa") !== own.get("k")) return wrong("its kind is another one");
  if (octets !== bare(own.get("p"))) return wrong("it is another key");
  return RIGHT;
}

/** Blanks may stand anywhere in base64 (RFC 6376 §3.2). */
function bare(base64: string | undefined): string {
  return (base64 ?? "").replaceAll(/[\t\r\n ]/g, "");
}

/** RFC 9989: stricter than suggested is what everybody should come to. */
function judgePolicy(found: string): Judgement {
  const policy = foldAscii(readTags(found).get("p") ?? "");
  if (policy !== "none" && policy !== "quarantine" && policy !== "reject")
    return wrong('it has no policy: expected "p=none", "p=quarantine" or "p=reject"');
  return hasTag(found, "rua") ? RIGHT : right("nobody gets reports (rua)");
}

/** RFC 8460 §3: several addresses stand behind one another, with commas. */
function judgeReporting(found: string, wanted: string): Judgement {
  if (!hasTag(found, "rua")) return wrong("it names nobody to report to (rua)");
  const [named, own] = [found, wanted].map((text) => foldAscii(readTags(text).get("rua") ?? ""));
  const collected = named?.split(",").some((uri) => uri.trim() === own);
  return collected === true
    ? RIGHT
    : right("its reports are not collected here, and `gatepost report tls` shows none");
}

function hasTag(text: string, name: string): boolean {
  return (readTags(text).get(name) ?? "") !== "";
}
