/**
 * What the DNS may say about a mail server, and what must come of it (RFC 7672): cases, each a domain with an MX record and a server
 * that shows something, and the zones that say so.
 */
import { createHash } from "node:crypto";
import { makeAuthority, makeCertificate } from "../../support/certificates.ts";
import { SHOWN_AT } from "./signed-postfix.ts";
import type { ZonePlan } from "./signed-zones.ts";

const ROOT = await makeAuthority();
export const OWN = await makeCertificate({ names: ["elsewhere.example"], expired: true });
export const ISSUED = await makeCertificate({ names: ["mx.issued.signed.example"], by: ROOT });

function key({ x509 }: Pick<typeof ROOT, "x509">): string {
  const der = x509.publicKey.export({ type: "spki", format: "der" });
  return createHash("sha256").update(der).digest("hex");
}

const OWN_KEY = `3 1 1 ${key(OWN)}`;
const ISSUED_KEY = `3 1 1 ${key(ISSUED)}`;
const AUTHORITY = `2 0 1 ${createHash("sha256").update(ROOT.x509.raw).digest("hex")}`;

export interface DaneCase {
  readonly what: string;
  /** The label below signed.example, or a whole domain. */
  readonly at: string;
  readonly shown: keyof typeof SHOWN_AT;
  /** The data of TLSA records for the server. */
  readonly tlsa?: readonly string[];
  /** More of the zone; with an MX record of its own there is no other. */
  readonly lines?: readonly string[];
  readonly outcome: "delivered" | "deferred";
  /** Where it was delivered: what is said of the certificate. Where it was not: the status. */
  readonly why: RegExp;
}

const FITS = /^DANE: TLSA 3 1 1 fits its own certificate$/;
const ANYBODY = /^anybody's would do$/;
const NOT_TRUSTED =
  /^451 4\.7\.5 the certificate of mx\.\S+ \[9\.9\.9\.2\d\] is not trusted: DANE: /;
const NOT_VERIFIABLE = /^451 4\.7\.5 the mail server mx\.\S+ cannot be verified now/;
const CLEAR = /^no TLS$/;
const NO_TLS = /^451 4\.7\.4 /;

export const CASES: readonly DaneCase[] = [
  {
    what: "a record of the server's key, whatever name and time its certificate has",
    at: "fits",
    shown: "own",
    tlsa: [OWN_KEY],
    outcome: "delivered",
    why: FITS,
  },
  {
    what: "a record behind an alias",
    at: "alias",
    shown: "own",
    lines: ["_25._tcp.mx.alias IN CNAME keys", `keys IN TLSA ${OWN_KEY}`],
    outcome: "delivered",
    why: FITS,
  },
  {
    what: "a server under an alias, and a record where that leads",
    at: "hosted",
    shown: "own",
    lines: ["hosted IN MX 10 host.hosted", "host.hosted IN CNAME mx.fits"],
    outcome: "delivered",
    why: FITS,
  },
  {
    what: "a server under an alias that leads out of what is signed, and a record at the alias",
    at: "rented",
    shown: "own",
    lines: [
      "rented IN MX 10 host.rented",
      "host.rented IN CNAME mx.unsigned.example.",
      `_25._tcp.host.rented IN TLSA ${OWN_KEY}`,
    ],
    outcome: "delivered",
    why: FITS,
  },
  {
    what: "a wildcard",
    at: "wildcard",
    shown: "own",
    lines: [`*.mx.wildcard IN TLSA ${OWN_KEY}`],
    outcome: "delivered",
    why: FITS,
  },
  {
    what: "before its key is changed",
    at: "before",
    shown: "own",
    tlsa: [OWN_KEY, ISSUED_KEY],
    outcome: "delivered",
    why: FITS,
  },
  {
    what: "after its key was changed",
    at: "after",
    shown: "issued",
    tlsa: [OWN_KEY, ISSUED_KEY],
    outcome: "delivered",
    why: FITS,
  },
  {
    what: "a key that was changed without its record",
    at: "mismatch",
    shown: "own",
    tlsa: [ISSUED_KEY],
    outcome: "deferred",
    why: NOT_TRUSTED,
  },
  {
    what: "an authority, and a certificate for the server's name",
    at: "issued",
    shown: "issued",
    tlsa: [AUTHORITY],
    outcome: "delivered",
    why: /^DANE: TLSA 2 0 1 fits its authority$/,
  },
  {
    what: "an authority, and a certificate for another name",
    at: "misnamed",
    shown: "issued",
    tlsa: [AUTHORITY],
    outcome: "deferred",
    why: NOT_TRUSTED,
  },
  {
    what: "an authority that has not signed the certificate",
    at: "unissued",
    shown: "own",
    tlsa: [AUTHORITY],
    outcome: "deferred",
    why: NOT_TRUSTED,
  },
  {
    what: "STARTTLS that is not offered",
    at: "stripped",
    shown: "none",
    tlsa: [OWN_KEY],
    outcome: "deferred",
    why: NO_TLS,
  },
  {
    what: "records that are forged",
    at: "forged",
    shown: "own",
    tlsa: [OWN_KEY],
    outcome: "deferred",
    why: NOT_VERIFIABLE,
  },
  {
    what: "records of no use to mail: encrypted, nobody verified",
    at: "useless",
    shown: "own",
    tlsa: [`0 1 1 ${key(ROOT)}`, `1 1 1 ${key(ISSUED)}`],
    outcome: "delivered",
    why: ANYBODY,
  },
  {
    what: "records of no use to mail, and no STARTTLS",
    at: "useless-stripped",
    shown: "none",
    tlsa: [`1 1 1 ${key(OWN)}`],
    outcome: "deferred",
    why: NO_TLS,
  },
  {
    what: "no records, which is proved",
    at: "bare",
    shown: "own",
    outcome: "delivered",
    why: ANYBODY,
  },
  {
    what: "no records and no STARTTLS",
    at: "clear",
    shown: "none",
    outcome: "delivered",
    why: CLEAR,
  },
  {
    what: "a zone that is not signed, whatever its records say",
    at: "unsigned.example",
    shown: "own",
    tlsa: [ISSUED_KEY],
    outcome: "delivered",
    why: ANYBODY,
  },
  {
    what: "a server in a zone that is not signed",
    at: "guest",
    shown: "own",
    lines: ["guest IN MX 10 mx.unsigned.example."],
    outcome: "delivered",
    why: ANYBODY,
  },
  {
    what: "a second server, where the first is not the right one",
    at: "second",
    shown: "own",
    tlsa: [ISSUED_KEY],
    lines: ["second IN MX 20 mx.after"],
    outcome: "delivered",
    why: FITS,
  },
  {
    what: "a zone whose signatures are over",
    at: "stale.example",
    shown: "own",
    tlsa: [OWN_KEY],
    outcome: "deferred",
    why: /^451 4\.4\.3 /,
  },
];

const SIGNED = "signed.example";

export function domainOf({ at }: DaneCase): string {
  return at.includes(".") ? at : `${at}.${SIGNED}`;
}

/** Of the zone that the case is in; names are relative to it. */
function linesOf({ at, shown, tlsa = [], lines = [] }: DaneCase): readonly string[] {
  const [domain, server] = at.includes(".") ? ["@", "mx"] : [at, `mx.${at}`];
  const own = lines.some((line) => line.startsWith(`${domain} IN MX 10 `));
  return [
    ...(own ? [] : [`${domain} IN MX 10 ${server}`]),
    `${server} IN A ${SHOWN_AT[shown]}`,
    ...tlsa.map((data) => `_25._tcp.${server} IN TLSA ${data}`),
    ...lines,
  ];
}

function zone(name: string, more: Partial<ZonePlan> = {}): ZonePlan {
  const here = CASES.filter(({ at }) => (at.includes(".") ? at : SIGNED) === name);
  return { name, records: here.flatMap(linesOf).join("\n"), ...more };
}

export const ZONES: readonly ZonePlan[] = [
  zone(SIGNED, { forged: [`_25._tcp.mx.forged.${SIGNED}. TLSA`] }),
  zone("unsigned.example", { signatures: "unsigned" }),
  zone("stale.example", { signatures: "stale" }),
];
