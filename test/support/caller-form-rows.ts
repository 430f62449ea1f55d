/** More of what a client may show, by the classes of x509-limbo: odd forms, and what a certificate should not say of itself. */
import {
  AuthorityKeyIdentifier,
  GeneralName,
  GeneralSubtree,
  GeneralSubtrees,
  id_ce_authorityKeyIdentifier,
  id_ce_nameConstraints,
  id_ce_subjectKeyIdentifier,
  KeyIdentifier,
  NameConstraints,
  SubjectKeyIdentifier,
  Version,
} from "@peculiar/asn1-x509";
import { anchored, leaf, NAMED, nobody, ROOT, under, type Row } from "./caller-row.ts";
import { CLIENT, CODE, constraints, extension, issue } from "./chains.ts";

const KEY_ID = Uint8Array.of(1, 2, 3, 4).buffer;
const AUTHORITY_KEY = new AuthorityKeyIdentifier({ keyIdentifier: new KeyIdentifier(KEY_ID) });

/** Nothing here goes by a serial number, for no list of revoked ones is read. */
const NUMBERS: readonly Row[] = [
  leaf("the serial number zero", { serial: Uint8Array.of(0) }),
  leaf("a serial number below zero", { serial: Uint8Array.of(0x80) }),
  leaf("a serial number of 40 octets", { serial: new Uint8Array(40).fill(1) }),
];

const FORM: readonly Row[] = [
  leaf(
    "version 1 with extensions",
    { version: Version.v1 },
    nobody(/^its certificate cannot be read/),
  ),
  under("an authority of version 1", { version: Version.v1 }, nobody(/^issuer 1 cannot be read/)),
  leaf("another algorithm beside the signature", { outerHash: "sha1" }, nobody(/signature/)),
  leaf("no time in which it is valid", { from: 2, until: -2 }, nobody(/not valid yet/)),
  leaf("a name that begins with a dot", { names: [".peer.example"] }, nobody(/subjectAltName/)),
  leaf("an address as a name", { names: ["192.0.2.1"] }, nobody(/subjectAltName/)),
  leaf("a label of 64", { names: [`${"a".repeat(64)}.example`] }, nobody(/subjectAltName/)),
  leaf("254 characters", { names: [`${"a.".repeat(123)}examples`] }, nobody(/subjectAltName/)),
  leaf("blanks around a name", { names: [" mx.peer.example "] }, nobody(/subjectAltName/)),
];

const OF_AUTHORITIES: readonly Row[] = [
  under("basicConstraints that are not critical", { basic: "not critical" }, NAMED),
  under("no basicConstraints", { basic: "none" }, nobody(/no authority/)),
  leaf("no basicConstraints of its own", { basic: "none" }),
  under(
    "an extension of the authority twice",
    { extensions: [extension("1.2.3.4", false), extension("1.2.3.4", false)] },
    nobody(/^issuer 1 .*twice/),
  ),
  anchored("the anchor is for code", { purposes: [CODE] }, nobody(/extKeyUsage/)),
  anchored("the anchor is for clients", { purposes: [CLIENT] }, NAMED),
  anchored("the anchor has no name", { subject: "" }, NAMED),
  selfIssued(),
];

/** The authority's new key, signed with its old one: of a length it is no step. */
function selfIssued(): Row {
  const old = issue({ ca: true, subject: "Rolling", by: ROOT, pathLength: 0 });
  const next = issue({ ca: true, subject: "Rolling", by: old, pathLength: 0 });
  const shown = [issue({ by: next }), next, old];
  return { title: "the authority has signed its own new key", shown, expected: NAMED };
}

const KEY_IDS: readonly Row[] = [
  anotherKeyId(),
  leaf("a critical key identifier", { extensions: [authorityKey(true)] }, nobody(/critical/)),
];

/** Of its authority's name and key, and by another identifier than that has. */
function anotherKeyId(): Row {
  const identifier = new SubjectKeyIdentifier(Uint8Array.of(9, 9, 9).buffer);
  const extensions = [extension(id_ce_subjectKeyIdentifier, false, identifier)];
  const authority = issue({ ca: true, subject: "Identified", by: ROOT, extensions });
  const shown = [issue({ by: authority, extensions: [authorityKey(false)] }), authority];
  return { title: "another key identifier", shown, expected: nobody(/key identifier/) };
}

function authorityKey(critical: boolean) {
  return extension(id_ce_authorityKeyIdentifier, critical, AUTHORITY_KEY);
}

const CONSTRAINTS: readonly Row[] = [
  leaf(
    "constraints of its own",
    { constraints: constraints(["peer.example"]) },
    nobody(/nameConstraints/),
  ),
  under(
    "constraints that are not critical",
    { extensions: [extension(id_ce_nameConstraints, false, constraints(["foreign.example"]))] },
    nobody(/nameConstraints/),
  ),
  under("constraints on nothing", { constraints: constraints([]) }, NAMED),
  under(
    "constraints from one label on",
    { constraints: deeper("peer.example") },
    nobody(/not judged/),
  ),
  under(
    "a constraint on URIs that it has",
    { constraints: constraints([uri("peer.example")]) },
    nobody(/not judged/),
    { otherNames: [uri("https://mx.peer.example/")] },
  ),
];

function uri(text: string): GeneralName {
  return new GeneralName({ uniformResourceIdentifier: text });
}

function deeper(dNSName: string): NameConstraints {
  const base = new GeneralName({ dNSName });
  const trees = [new GeneralSubtree({ base, minimum: 1 })];
  return new NameConstraints({ permittedSubtrees: new GeneralSubtrees(trees) });
}

export const FORMS: readonly Row[] = [
  ...NUMBERS,
  ...FORM,
  ...OF_AUTHORITIES,
  ...KEY_IDS,
  ...CONSTRAINTS,
];
