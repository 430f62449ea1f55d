/** Sealed messages and the keys that are published, and what ARC (RFC 8617) says of the chain. */
import { sealMessage } from "mailauth";
import { LETTER } from "./site.ts";
import { rsaKey } from "./signer.ts";
import type { Zone } from "./zone.ts";

const KEY = rsaKey(2048);
export const PASSED = "dmarc=pass header.from=author.example";

interface Seal {
  readonly by: string;
  /** Of ARC-Authentication-Results. */
  readonly says: string;
  readonly cv?: "none" | "pass" | "fail";
}

async function sealed(message: string, ...seals: readonly Seal[]): Promise<string> {
  let text = message;
  for (const [i, { by, says, cv = i === 0 ? "none" : "pass" }] of seals.entries()) {
    const fields = await sealMessage(Buffer.from(text, "latin1"), {
      signingDomain: by,
      selector: "s",
      privateKey: KEY.privateKey.export({ type: "pkcs8", format: "pem" }),
      authResults: `mx.${by}; ${says}`,
      cv,
      i: i + 1,
    });
    text = fields.toString("latin1") + text;
  }
  return text;
}

export const LIST = "list.example";
const OTHER = "other.example";
const ZONE: Zone = {
  "author.example": { TXT: ["v=spf1 -all"] },
  "_dmarc.author.example": { TXT: ["v=DMARC1; p=reject"] },
  [`s._domainkey.${LIST}`]: { TXT: [KEY.record] },
  [`s._domainkey.${OTHER}`]: { TXT: [KEY.record] },
};

export interface ArcCase {
  readonly seals?: readonly Seal[];
  readonly change?: (message: string) => string;
  readonly zone?: Zone;
  readonly trusted?: readonly string[];
  readonly arc: "none" | "pass" | "fail";
  readonly rescued?: boolean;
  /** What python3-dkim says of the chain, where that is otherwise; and why. */
  readonly pythonDkim?: readonly [chain: string, why: string];
}

const ONE = [{ by: LIST, says: PASSED }];

export const ARC_CASES: Readonly<Record<string, ArcCase>> = {
  "no chain": { arc: "none" },
  "a sealer that is trusted": { seals: ONE, arc: "pass", rescued: true },
  "a sealer that nobody trusts": { seals: ONE, trusted: [], arc: "pass" },
  "another one that is trusted": { seals: ONE, trusted: [OTHER], arc: "pass" },
  "a part of a trusted one's domain": { seals: ONE, trusted: ["example"], arc: "pass" },
  "the author failed there too": {
    seals: [{ by: LIST, says: "dmarc=fail header.from=author.example" }],
    arc: "pass",
  },
  "another author passed there": {
    seals: [{ by: LIST, says: "dmarc=pass header.from=other.example" }],
    arc: "pass",
  },
  "SPF alone passed there": {
    seals: [{ by: LIST, says: "spf=pass smtp.mailfrom=author.example" }],
    arc: "pass",
  },
  "words in a comment": {
    seals: [{ by: LIST, says: `spf=fail (${PASSED}); dmarc=fail header.from=author.example` }],
    arc: "pass",
  },
  "words in quotes": {
    seals: [{ by: LIST, says: `spf=fail smtp.mailfrom="x; ${PASSED}"; dkim=none` }],
    arc: "pass",
  },
  "two results": { seals: [{ by: LIST, says: `dmarc=fail; ${PASSED}` }], arc: "pass" },
  "two that are trusted, the first saw it pass": {
    seals: [
      { by: LIST, says: PASSED },
      { by: OTHER, says: "arc=pass; dmarc=fail header.from=author.example" },
    ],
    trusted: [LIST, OTHER],
    arc: "pass",
    rescued: true,
  },
  "a stranger sealed after the trusted one": {
    seals: [
      { by: LIST, says: PASSED },
      { by: OTHER, says: `arc=pass; ${PASSED}` },
    ],
    arc: "pass",
  },
  "the trusted one sealed after a stranger, and believes it": {
    seals: [
      { by: OTHER, says: PASSED },
      { by: LIST, says: "arc=pass; dmarc=fail header.from=author.example" },
    ],
    arc: "pass",
  },
  "a body that was changed": {
    seals: ONE,
    change: (text) => text.replace("Hello", "Hullo"),
    arc: "fail",
  },
  "an author that was changed": {
    seals: ONE,
    change: (text) => text.replace("Ann <ann@", "Bob <bob@"),
    arc: "fail",
  },
  "results that were changed": {
    seals: [{ by: LIST, says: "dmarc=fail header.from=author.example" }],
    change: (text) => text.replace("dmarc=fail", "dmarc=pass"),
    arc: "fail",
  },
  "a chain that its sealer calls broken": {
    seals: [
      { by: LIST, says: PASSED },
      { by: LIST, says: PASSED, cv: "fail" },
    ],
    arc: "fail",
    pythonDkim: ["none", "it stops at a seal with cv=fail, and gives no result"],
  },
  "a set without its seal": {
    seals: ONE,
    change: (text) => text.replace(/^ARC-Seal:[^]*?\r\n(?![ \t])/m, ""),
    arc: "fail",
  },
  "a key that is not there": { seals: ONE, zone: { [`s._domainkey.${LIST}`]: {} }, arc: "fail" },
  "a key that nobody answers for": {
    seals: ONE,
    zone: { [`s._domainkey.${LIST}`]: { fails: ["TXT", "timeout"] } },
    arc: "fail",
  },
};

export async function arcMessage({
  seals = [],
  change = (text) => text,
}: ArcCase): Promise<string> {
  return change(await sealed(LETTER, ...seals));
}

export function arcZone({ zone }: ArcCase): Zone {
  return { ...ZONE, ...zone };
}
