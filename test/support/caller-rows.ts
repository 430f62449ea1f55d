/**
 * What a client may show, and who that is: every way in which a path can be wrong, after the ideas of x509-limbo, beside those that are
 * right. One authority is trusted by the machine, another belongs to a peer. `callerOf` is asked directly, and over TLS.
 */
import { keyDigest } from "../../src/policy/identity/index.ts";
import { parseDomain, type Domain } from "../../src/mail/index.ts";
import {
  anchored,
  CERT_SIGN,
  CRL_SIGN,
  DIGITAL_SIGNATURE,
  INTER,
  KEY_ENCIPHERMENT,
  leaf,
  NAMED,
  nobody,
  ROOT,
  under,
  type Peer,
  type Row,
} from "./caller-row.ts";
import { FORMS } from "./caller-form-rows.ts";
import {
  ANY,
  CLIENT,
  CODE,
  constraints,
  extension,
  ip,
  issue,
  keysOf,
  nameOf,
  SERVER,
  type Issued,
  type Wish,
} from "./chains.ts";
import { GeneralName } from "@peculiar/asn1-x509";

const PRIVATE_ROOT = issue({ ca: true, subject: "Private Root" });
const SITE_ROOT = issue({ ca: true, subject: "Another Private Root" });
const PINNED = issue({ subject: "pinned", names: [], usage: "none" });
const NEXT_PINNED = issue({ subject: "next", names: [], usage: "none" });

export const ANCHORS: readonly Issued[] = [ROOT];

export const PEERS: readonly Peer[] = [
  { name: "pinned", trust: { kind: "pin", keys: [pin(PINNED), pin(NEXT_PINNED)] }, relays: [] },
  {
    name: "private",
    trust: {
      kind: "private authority",
      authority: PRIVATE_ROOT.pem,
      names: [domain("mx.private.example")],
    },
    relays: [],
  },
  {
    name: "other private",
    trust: {
      kind: "private authority",
      authority: SITE_ROOT.pem,
      names: [domain("mx.other.example")],
    },
    relays: [],
  },
  {
    name: "public",
    trust: {
      kind: "public authority",
      names: [domain("mx.public.example"), domain("xn--bcher-kva.example")],
    },
    relays: [],
  },
];

export function pin({ x509 }: Issued): string {
  const digest = keyDigest(x509);
  if (digest === undefined) throw new Error("a key that cannot be read");
  return digest;
}

export function domain(text: string): Domain {
  const parsed = parseDomain(text);
  if (parsed === undefined) throw new Error(`${text} is no domain`);
  return parsed;
}

const GOOD: readonly Row[] = [
  leaf("under an intermediate authority", {}),
  { title: "under the root", shown: [issue({ by: ROOT })], expected: NAMED },
  { title: "the root is shown too", shown: [issue({ by: INTER }), INTER, ROOT], expected: NAMED },
  { title: "in another order", shown: [issue({ by: INTER }), ROOT, INTER], expected: NAMED },
  {
    title: "each twice",
    shown: [...twice(issue({ by: INTER })), ...twice(INTER)],
    expected: NAMED,
  },
  leaf("an RSA key", { kind: "rsa" }),
  leaf("an Ed25519 key", { kind: "ed25519" }),
  leaf("for servers alone", { purposes: [SERVER] }),
  leaf("for clients alone", { purposes: [CLIENT] }),
  leaf("for servers and clients", { purposes: [SERVER, CLIENT] }),
  leaf("for any purpose", { purposes: [ANY] }),
  leaf("for servers, and for code", { purposes: [CODE, SERVER] }),
  leaf("no keyUsage", { usage: "none" }),
  leaf("more keyUsage", { usage: DIGITAL_SIGNATURE | KEY_ENCIPHERMENT }),
  leaf("an extension that is not critical", { extensions: [extension("1.2.3.4", false)] }),
  leaf(
    "several names",
    { names: ["a.example", "b.example"] },
    { named: ["a.example", "b.example"] },
  ),
  leaf("capital letters", { names: ["MX.Peer.Example"] }),
  leaf(
    "a wildcard",
    { names: ["*.peer.example", "mx.peer.example"] },
    { named: ["mx.peer.example"], wildcards: ["peer.example"] },
  ),
  leaf("no subject", { subject: "" }),
  under("no keyUsage of the authority", { usage: "none" }, NAMED),
  under("the authority is for servers", { purposes: [SERVER] }, NAMED, {
    purposes: [SERVER, CLIENT],
  }),
  under("the length is enough", { pathLength: 0 }, NAMED),
  under("permitted names", { constraints: constraints(["peer.example"]) }, NAMED),
  under(
    "names that are not excluded",
    { constraints: constraints([], ["foreign.example"]) },
    NAMED,
  ),
  under(
    "constraints on names that it has not",
    { constraints: constraints([ip("10.0.0.0/8")]) },
    NAMED,
  ),
];

const ITS_OWN: readonly Row[] = [
  leaf("it has expired", { until: -1 }, nobody(/^its certificate has expired/)),
  leaf("it is not valid yet", { from: 1 }, nobody(/^its certificate is not valid yet/)),
  leaf("for code alone", { purposes: [CODE] }, nobody(/extKeyUsage/)),
  leaf("for no signatures", { usage: KEY_ENCIPHERMENT }, nobody(/digitalSignature/)),
  leaf(
    "an authority's own",
    { ca: true, names: ["mx.peer.example"], usage: DIGITAL_SIGNATURE | CERT_SIGN },
    nobody(/authority's own/),
  ),
  leaf("no name but the common name", { names: [] }, nobody(/subjectAltName/)),
  leaf("an address alone", { names: [], otherNames: [ip("192.0.2.1")] }, nobody(/subjectAltName/)),
  leaf(
    "a name that is none",
    { names: ["mx_1.peer.example", "", ".", "a..b", "mx.peer.example."] },
    nobody(/subjectAltName/),
  ),
  leaf(
    "a name with a NUL",
    { names: ["mx.peer.example\0.stranger.example"] },
    nobody(/subjectAltName/),
  ),
  leaf("a wildcard in a label", { names: ["m*.peer.example"] }, nobody(/subjectAltName/)),
  leaf("a wildcard in the middle", { names: ["mx.*.example"] }, nobody(/subjectAltName/)),
  leaf("two wildcards", { names: ["*.*.example"] }, nobody(/subjectAltName/)),
  leaf("a wildcard for a top domain", { names: ["*.example"] }, nobody(/subjectAltName/)),
  leaf("a wildcard alone", { names: ["*"] }, nobody(/subjectAltName/)),
  leaf(
    "an unknown critical extension",
    { extensions: [extension("1.2.3.4", true)] },
    nobody(/critical.*1\.2\.3\.4/),
  ),
  leaf(
    "a precertificate",
    { extensions: [extension("1.3.6.1.4.1.11129.2.4.3", true)] },
    nobody(/critical/),
  ),
  leaf(
    "an extension twice",
    { extensions: [extension("1.2.3.4", false), extension("1.2.3.4", false)] },
    nobody(/twice/),
  ),
  leaf("an RSA key of 1024 bits", { kind: "rsa-1024" }, nobody(/1024 bits/)),
  { ...leaf("a key on a strange curve", { kind: "secp256k1" }, nobody(/curve/)), notOverTls: true },
];

function twice(one: Issued): readonly Issued[] {
  return [one, one];
}

const RSA_ROOT = issue({ ca: true, subject: "RSA Root", kind: "rsa" });
const STRANGER = keysOf();

const SIGNED: readonly Row[] = [
  { title: "signed by itself", shown: [issue()], expected: nobody(/by itself/) },
  {
    title: "signed by itself, for servers: what Node has the same word for as for an honest one",
    shown: [issue({ purposes: [SERVER] })],
    expected: nobody(/by itself/),
  },
  leaf("the issuer's name, another key", { forgedBy: STRANGER.privateKey }, nobody(/signature/)),
  {
    title: "the root's name, another key",
    shown: [issue({ by: ROOT, forgedBy: STRANGER.privateKey })],
    expected: nobody(/signature/),
  },
  under(
    "the authority's own signature is forged",
    { forgedBy: STRANGER.privateKey },
    nobody(/signature/),
  ),
  unknownRoot("an unknown root", []),
  unknownRoot("an unknown root that is shown", ["root"]),
  twinRoot(),
  {
    title: "the authority is not shown",
    shown: [issue({ by: INTER })],
    expected: nobody(/no authority/),
  },
  {
    title: "SHA-1, by the root",
    shown: [issue({ by: RSA_ROOT, hash: "sha1" })],
    anchors: [RSA_ROOT],
    expected: nobody(/signed in a way/),
  },
  {
    title: "MD5, by the root",
    shown: [issue({ by: RSA_ROOT, hash: "md5" })],
    anchors: [RSA_ROOT],
    expected: nobody(/signed in a way/),
  },
  underBy(
    "SHA-1 over the authority",
    RSA_ROOT,
    { hash: "sha1" },
    nobody(/^issuer 1 is signed in a way/),
  ),
  {
    title: "the bits of the signature are changed",
    shown: [changed(issue({ by: ROOT }))],
    expected: nobody(/signature/),
  },
];

function unknownRoot(title: string, shown: readonly "root"[]): Row {
  const root = issue({ ca: true, subject: "Stranger's Root" });
  return {
    title,
    shown: [issue({ by: root }), ...shown.map(() => root)],
    expected: nobody(/no authority/),
  };
}

/** The name of the trusted one, and a key of its own. */
function twinRoot(): Row {
  const twin = issue({ ca: true, subject: "Public Root" });
  return {
    title: "a root of the trusted one's name",
    shown: [issue({ by: twin }), twin],
    expected: nobody(/signature/),
  };
}

function underBy(title: string, by: Issued, wish: Wish, expected: Row["expected"]): Row {
  const middle = issue({ ca: true, subject: "Intermediate", by, ...wish });
  return { title, shown: [issue({ by: middle }), middle], anchors: [by], expected };
}

function changed(good: Issued): Issued {
  const der = Buffer.from(good.der);
  const at = der.length - 1;
  der[at] = (der[at] ?? 0) ^ 1;
  return { ...good, der, pem: pemOf(der) };
}

function pemOf(der: Buffer): string {
  return `-----BEGIN CERTIFICATE-----\n${der.toString("base64")}\n-----END CERTIFICATE-----\n`;
}

const AUTHORITIES: readonly Row[] = [
  under("the authority has expired", { until: -1 }, nobody(/^issuer 1 has expired/)),
  under("the authority is not valid yet", { from: 1 }, nobody(/^issuer 1 is not valid yet/)),
  under("CA:FALSE", { ca: false }, nobody(/^issuer 1 is no authority/)),
  under("no keyCertSign", { usage: CRL_SIGN }, nobody(/keyCertSign/)),
  under("an authority for code", { purposes: [CODE] }, nobody(/extKeyUsage/)),
  under(
    "an authority for clients over one for servers",
    { purposes: [CLIENT] },
    nobody(/extKeyUsage/),
    { purposes: [SERVER] },
  ),
  under(
    "an unknown critical extension of it",
    { extensions: [extension("1.2.3.4", true)] },
    nobody(/^issuer 1 has a critical/),
  ),
  under(
    "policies that nobody reads",
    { extensions: [extension("2.5.29.36", true)] },
    nobody(/critical/),
  ),
  underWeak(),
  leafOfLeaf(),
  tooLong("one more than the length allows", 0, 2),
  tooLong("two are allowed, and there are three", 2, 4),
  { ...tooLong("as many as are allowed", 1, 2), expected: NAMED },
  anchored("the anchor has expired", { until: -1 }, nobody(/^issuer 2 has expired/)),
  anchored(
    "the anchor is no authority",
    { ca: false, names: ["root.example"] },
    nobody(/no authority/),
  ),
  anchored("the anchor may not sign", { usage: CRL_SIGN }, nobody(/keyCertSign/)),
  anchored("the anchor's key is weak", { kind: "rsa-1024" }, nobody(/1024 bits/)),
  anchored("the anchor's length", { pathLength: 0 }, nobody(/pathLenConstraint/)),
  anchored(
    "the anchor's critical extension",
    { extensions: [extension("1.2.3.4", true)] },
    nobody(/critical/),
  ),
  anchored("how the anchor signed itself matters to nobody", { kind: "rsa", hash: "sha1" }, NAMED),
  anchorIsLeaf(),
];

function underWeak(): Row {
  const root = RSA_ROOT;
  const middle = issue({ ca: true, subject: "Weak", kind: "rsa-1024", by: root });
  return {
    title: "the authority's key is weak",
    shown: [issue({ by: middle }), middle],
    anchors: [root],
    expected: nobody(/^issuer 1 has an RSA key/),
  };
}

/** An honest client's certificate, with which somebody else is vouched for. */
function leafOfLeaf(): Row {
  const honest = issue({ by: INTER });
  const shown = [issue({ by: honest, names: ["mx.public.example"], subject: "x" }), honest, INTER];
  return { title: "a certificate of a certificate", shown, expected: nobody(/no authority/) };
}

/** `count` authorities, the topmost of which allows so many below it. */
function tooLong(title: string, pathLength: number, count: number): Row {
  let last = issue({ ca: true, subject: "Authority 1", by: ROOT, pathLength });
  const authorities = [last];
  for (let i = 2; i <= count; i++) {
    last = issue({ ca: true, subject: `Authority ${i}`, by: last });
    authorities.unshift(last);
  }
  return {
    title,
    shown: [issue({ by: last }), ...authorities],
    expected: nobody(/pathLenConstraint/),
  };
}

/** Trusted as an authority, and shown as its own. */
function anchorIsLeaf(): Row {
  const own = issue();
  return {
    title: "the anchor is its own certificate",
    shown: [own],
    anchors: [own],
    expected: nobody(/by itself/),
  };
}

const CONSTRAINED: readonly Row[] = [
  under(
    "outside of what is permitted",
    { constraints: constraints(["foreign.example"]) },
    nobody(/nameConstraints/),
  ),
  under(
    "one name of two is outside",
    { constraints: constraints(["peer.example"]) },
    nobody(/nameConstraints/),
    { names: ["mx.peer.example", "mx.foreign.example"] },
  ),
  under("excluded", { constraints: constraints([], ["peer.example"]) }, nobody(/nameConstraints/)),
  under(
    "permitted and excluded",
    { constraints: constraints(["peer.example"], ["mx.peer.example"]) },
    nobody(/nameConstraints/),
  ),
  under(
    "all names are excluded",
    { constraints: constraints([], [""]) },
    nobody(/nameConstraints/),
  ),
  under(
    "a name that only ends like it",
    { constraints: constraints(["eer.example"]) },
    nobody(/nameConstraints/),
  ),
  under(
    "a wildcard over an excluded name",
    { constraints: constraints([], ["mx.peer.example"]) },
    nobody(/nameConstraints/),
    { names: ["*.peer.example"] },
  ),
  under(
    "a wildcard within",
    { constraints: constraints(["peer.example"]) },
    { named: [], wildcards: ["peer.example"] },
    { names: ["*.peer.example"] },
  ),
  under(
    "a constraint that is no name",
    { constraints: constraints([".peer.example"]) },
    nobody(/not judged/),
  ),
  under(
    "a constraint on subjects",
    { constraints: constraints([subjectTree("mx.peer.example")]) },
    nobody(/not judged/),
  ),
  under(
    "a constraint on addresses that it has",
    { constraints: constraints([ip("10.0.0.0/8")]) },
    nobody(/not judged/),
    { otherNames: [ip("192.0.2.1")] },
  ),
  anchored(
    "constraints of the anchor",
    { constraints: constraints(["foreign.example"]) },
    nobody(/nameConstraints/),
  ),
];

function subjectTree(subject: string): GeneralName {
  return new GeneralName({ directoryName: nameOf(subject) });
}

const MANY: readonly Row[] = [
  { title: "50 certificates", shown: [issue({ by: INTER }), INTER, ...many(48)], expected: NAMED },
  {
    title: "its authority behind 40 others",
    shown: [issue({ by: INTER }), ...many(40), INTER],
    expected: nobody(/no authority/),
  },
  {
    title: "500 certificates",
    shown: [issue({ by: INTER }), INTER, ...many(498)],
    expected: NAMED,
    notOverTls: true,
  },
  ring(),
  sameNameAndKey(),
  crossSigned("of two roots the one that is known", false),
  crossSigned("of two roots the one that has not expired", true),
  {
    title: "one way is too short, another is not",
    ...twoWays(),
    expected: NAMED,
  },
];

function many(count: number): readonly Issued[] {
  const other = issue({ subject: "other" });
  return Array.from({ length: count }, () => other);
}

/** Two authorities that have signed each other. */
function ring(): Row {
  const keys = { one: keysOf(), two: keysOf() };
  const one = issue({ ca: true, subject: "One", keys: keys.one });
  const two = issue({ ca: true, subject: "Two", keys: keys.two, by: one });
  const oneByTwo = issue({ ca: true, subject: "One", keys: keys.one, by: two });
  return {
    title: "a circle",
    shown: [issue({ by: two }), two, oneByTwo],
    expected: nobody(/no authority/),
  };
}

/** Each could have issued each: the ways are without number. */
function sameNameAndKey(): Row {
  const keys = keysOf();
  const first = issue({ ca: true, subject: "Same", keys });
  const others = Array.from({ length: 14 }, () => issue({ ca: true, subject: "Same", keys }));
  return {
    title: "ways without number",
    shown: [issue({ by: first }), first, ...others],
    expected: nobody(/too many signatures/),
  };
}

function crossSigned(title: string, bothKnown: boolean): Row {
  const keys = keysOf();
  const [old, current] = [
    issue({ ca: true, subject: "Old Root", until: bothKnown ? -1 : 10 }),
    issue({ ca: true, subject: "New Root" }),
  ];
  const byOld = issue({ ca: true, subject: "Crossed", keys, by: old });
  const byNew = issue({ ca: true, subject: "Crossed", keys, by: current });
  const anchors = bothKnown ? [old, current] : [current];
  return { title, shown: [issue({ by: byOld }), byOld, byNew], anchors, expected: NAMED };
}

/** Of the same authority an old certificate with a limit, and a new one without. */
function twoWays(): Pick<Row, "shown"> {
  const keys = keysOf();
  const short = issue({ ca: true, subject: "Ways", keys, by: ROOT, pathLength: 0 });
  const long = issue({ ca: true, subject: "Ways", keys, by: ROOT });
  const last = issue({ ca: true, subject: "Last", by: short });
  return { shown: [issue({ by: last }), last, short, long] };
}

const KNOWN: readonly Row[] = [
  { title: "a pinned key", shown: [PINNED], expected: { peer: "pinned", level: "pinned" } },
  {
    title: "the next pinned key",
    shown: [NEXT_PINNED],
    expected: { peer: "pinned", level: "pinned" },
  },
  {
    title: "a pinned key in a certificate that has expired",
    shown: [issue({ keys: PINNED.keys, until: -1 })],
    expected: { peer: "pinned", level: "pinned" },
  },
  {
    title: "a pinned key in a certificate for code, under an unknown authority",
    shown: [issue({ keys: PINNED.keys, purposes: [CODE], by: issue({ ca: true }) })],
    expected: { peer: "pinned", level: "pinned" },
  },
  {
    title: "a pinned key is shown behind another",
    shown: [issue(), PINNED],
    expected: nobody(/by itself/),
  },
  { title: "the pin of an authority", ...pinnedAuthority(), expected: NAMED },
  {
    title: "the digest of the certificate is no pin",
    ...pinnedCertificate(),
    expected: nobody(/by itself/),
  },
  {
    title: "under a peer's authority",
    shown: [issue({ by: PRIVATE_ROOT, names: ["mx.private.example"] })],
    expected: { peer: "private", level: "pinned" },
  },
  {
    title: "under a peer's authority, a wildcard",
    shown: [issue({ by: PRIVATE_ROOT, names: ["*.private.example"] })],
    expected: { peer: "private", level: "pinned" },
  },
  {
    title: "under a peer's authority, a wildcard two labels above",
    shown: [issue({ by: PRIVATE_ROOT, names: ["*.example.org"] })],
    expected: nobody(/none of their names/),
  },
  {
    title: "under a peer's authority, for another name",
    shown: [issue({ by: PRIVATE_ROOT, names: ["mx.stranger.example"] })],
    expected: nobody(/none of their names/),
  },
  {
    title: "under a peer's authority, for a name below",
    shown: [issue({ by: PRIVATE_ROOT, names: ["a.mx.private.example"] })],
    expected: nobody(/none of their names/),
  },
  {
    title: "under a peer's authority, for the other peer's name",
    shown: [issue({ by: PRIVATE_ROOT, names: ["mx.other.example"] })],
    expected: nobody(/none of their names/),
  },
  {
    title: "under a peer's authority, for a public peer's name",
    shown: [issue({ by: PRIVATE_ROOT, names: ["mx.public.example"] })],
    expected: nobody(/none of their names/),
  },
  {
    title: "under a peer's authority, expired",
    shown: [issue({ by: PRIVATE_ROOT, names: ["mx.private.example"], until: -1 })],
    expected: nobody(/has expired/),
  },
  {
    title: "a private peer's name under a public authority",
    shown: [issue({ by: INTER, names: ["mx.private.example"] }), INTER],
    expected: { named: ["mx.private.example"] },
  },
  {
    title: "a public peer",
    shown: [issue({ by: INTER, names: ["mx.public.example"], purposes: [SERVER] }), INTER],
    expected: { peer: "public", level: "certificate" },
  },
  {
    title: "a public peer, by a wildcard",
    shown: [issue({ by: INTER, names: ["*.public.example"] }), INTER],
    expected: { peer: "public", level: "certificate" },
  },
  {
    title: "a public peer with an international name",
    shown: [issue({ by: INTER, names: ["xn--bcher-kva.example"] }), INTER],
    expected: { peer: "public", level: "certificate" },
  },
  {
    title: "the international name's letters are no name",
    shown: [issue({ by: INTER, names: ["b\u00fccher.example"] }), INTER],
    expected: nobody(/subjectAltName/),
  },
  {
    title: "a public peer's common name",
    shown: [issue({ by: INTER, subject: "mx.public.example", names: ["mx.peer.example"] }), INTER],
    expected: NAMED,
  },
  {
    title: "a public peer's name, signed by itself",
    shown: [issue({ names: ["mx.public.example"] })],
    expected: nobody(/by itself/),
  },
];

function pinnedAuthority(): Pick<Row, "shown" | "peers"> {
  const peers: readonly Peer[] = [
    { name: "authority", trust: { kind: "pin", keys: [pin(INTER), pin(ROOT)] }, relays: [] },
  ];
  return { shown: [issue({ by: INTER }), INTER, ROOT], peers };
}

function pinnedCertificate(): Pick<Row, "shown" | "peers"> {
  const own = issue();
  const digest = own.x509.fingerprint256.replaceAll(":", "").toLowerCase();
  return {
    shown: [own],
    peers: [{ name: "digest", trust: { kind: "pin", keys: [digest] }, relays: [] }],
  };
}

export const ROWS: readonly [Row, ...Row[]] = [
  leaf("as it should be", {}),
  ...GOOD,
  ...ITS_OWN,
  ...SIGNED,
  ...AUTHORITIES,
  ...CONSTRAINED,
  ...MANY,
  ...KNOWN,
  ...FORMS,
];
