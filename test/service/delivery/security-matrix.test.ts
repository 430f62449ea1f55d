/**
 * What servers show and what their domains publish, in all combinations that matter: whether the mail goes, and how the attempt says
 * which it was. Every row is seen on the wire: what is not to be said is not said.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import type { TlsResult } from "../../../src/mail/index.ts";
import type { CertificateAssociation } from "../../../src/protocol/dns/index.ts";
import { makeAuthority, makeCertificate, type Made } from "../../support/certificates.ts";
import { ScriptedServer, type Script } from "../../support/scripted-server.ts";
import { ip, name, Rig, words } from "./rig.ts";
import { openWeb, policyText, ROOT, text } from "../../support/policy-web.ts";

const MX = name("mx.foreign.example");
const BOB = "bob@foreign.example";

const SHOWN = {
  right: await makeCertificate({ by: ROOT }),
  "wrong name": await makeCertificate({ names: ["other.example"], by: ROOT }),
  expired: await makeCertificate({ expired: true, by: ROOT }),
  "self-signed": await makeCertificate(),
  "unknown authority": await makeCertificate({ by: await makeAuthority("Other Root") }),
} satisfies Record<string, Made>;

type Server = keyof typeof SHOWN | "no STARTTLS" | "broken TLS";

/** What the domain publishes; TLSA and all that leads to it signed, but for "insecure". */
type Published =
  | "nothing"
  | "TLSA of right"
  | "TLSA of its root"
  | "TLSA servfail"
  | "TLSA no such name"
  | "TLSA insecure"
  | "TLSA unusable"
  | "STS enforce"
  | "STS testing"
  | "STS none"
  | "STS enforce, other servers"
  | "STS testing, other servers"
  | "STS unreachable"
  | "TLSA of right, STS enforce, other servers";

type Word = "opportunistic" | "encrypted" | "verified";

interface Row {
  readonly published: Published;
  readonly server: Server;
  readonly require?: Word;
  /** Of the outcome. */
  readonly ends: RegExp;
  /** `level: why`, and what a tested policy would have done; undefined where nobody was dialled. */
  readonly wanted?: RegExp;
}

const GOES = /^delivered /;
const DISTRUSTED = /^deferred 451 4\.7\.5 the certificate of .* is not trusted: /;
const NO_TLS = /^deferred 451 4\.7\.4 TLS is required/;
const NOT_NOW = /^deferred 451 4\.7\.5 the mail server mx\.foreign\.example cannot be verified now/;

function row(
  published: Published,
  server: Server,
  ends: RegExp,
  wanted?: RegExp,
  require?: Word,
): Row {
  return {
    published,
    server,
    ends,
    ...(wanted !== undefined && { wanted }),
    ...(require !== undefined && { require }),
  };
}

const nobody = (dane: string, sts = "no MTA-STS policy"): RegExp =>
  new RegExp(`^opportunistic: nobody demands TLS: ${dane}, ${sts}$`);
const UNSIGNED = "the MX records are not authentic";
const DANE = /^dane: TLSA records of mx\.foreign\.example$/;
const STS = /^mta-sts: the policy of foreign\.example is enforced$/;
const tested = (mail: string): RegExp =>
  new RegExp(`^opportunistic: the MTA-STS policy is only tested; it would get ${mail}$`);

const ANY_SERVER: readonly Server[] = [
  "right",
  "wrong name",
  "expired",
  "self-signed",
  "unknown authority",
  "no STARTTLS",
  "broken TLS",
];
const NOT_RIGHT = ANY_SERVER.filter((one) => one !== "right");
const withoutTls = (one: Server): boolean => one === "no STARTTLS" || one === "broken TLS";
const strictly = (one: Server): RegExp =>
  one === "right"
    ? GOES
    : one === "no STARTTLS"
      ? NO_TLS
      : withoutTls(one)
        ? /^deferred 451 4\.7\.5 TLS with /
        : DISTRUSTED;

const ROWS: readonly Row[] = [
  // Nobody asks for anything: whatever is there is taken.
  ...ANY_SERVER.map((server) => row("nothing", server, GOES, nobody(UNSIGNED))),
  ...ANY_SERVER.map((server) =>
    row("TLSA no such name", server, GOES, nobody("no authentic TLSA records")),
  ),
  ...ANY_SERVER.map((server) =>
    row("TLSA insecure", server, GOES, nobody("no authentic TLSA records")),
  ),
  ...ANY_SERVER.map((server) =>
    row("STS none", server, GOES, nobody(UNSIGNED, "MTA-STS mode none")),
  ),
  ...ANY_SERVER.map((server) =>
    row(
      "STS unreachable",
      server,
      GOES,
      nobody(UNSIGNED, "no MTA-STS policy to be had, the answer is 404, not 200"),
    ),
  ),
  // DANE
  ...ANY_SERVER.map((server) => row("TLSA of right", server, strictly(server), DANE)),
  row("TLSA of its root", "right", GOES, DANE),
  row("TLSA of its root", "wrong name", DISTRUSTED, DANE),
  row("TLSA of its root", "expired", DISTRUSTED, DANE),
  row("TLSA of its root", "unknown authority", DISTRUSTED, DANE),
  ...ANY_SERVER.map((server) => row("TLSA servfail", server, NOT_NOW)),
  row(
    "TLSA unusable",
    "self-signed",
    GOES,
    /^encrypted: the TLSA records of mx\.foreign\.example are of no use$/,
  ),
  row("TLSA unusable", "no STARTTLS", NO_TLS, /^encrypted: /),
  row("TLSA unusable", "broken TLS", /^deferred 451 4\.7\.5 /, /^encrypted: /),
  row("TLSA of right, STS enforce, other servers", "right", GOES, DANE),
  // MTA-STS
  ...ANY_SERVER.map((server) => row("STS enforce", server, strictly(server), STS)),
  ...ANY_SERVER.map((server) => row("STS enforce, other servers", server, NOT_NOW)),
  row("STS testing", "right", GOES, tested("mail")),
  row("STS testing", "wrong name", GOES, tested("no mail: it is not for mx\\.foreign\\.example")),
  row("STS testing", "expired", GOES, tested("no mail: it, or one of its issuers, has expired")),
  row("STS testing", "self-signed", GOES, tested("no mail: it is self-signed")),
  row("STS testing", "no STARTTLS", GOES, tested("no mail without TLS")),
  row("STS testing", "broken TLS", GOES, tested("no mail without TLS")),
  row(
    "STS testing, other servers",
    "right",
    GOES,
    tested("no mail: it is no server of the policy"),
  ),
  // The operator's word
  row(
    "nothing",
    "self-signed",
    GOES,
    /^encrypted: required by the setting delivery\.require$/,
    "encrypted",
  ),
  row("nothing", "no STARTTLS", NO_TLS, /^encrypted: /, "encrypted"),
  row("nothing", "broken TLS", /^deferred 451 4\.7\.5 /, /^encrypted: /, "encrypted"),
  // Its MX records are anybody's word, and its certificate is for the server's name alone.
  row(
    "nothing",
    "right",
    DISTRUSTED,
    /^verified: required by the setting delivery\.require$/,
    "verified",
  ),
  row(
    "TLSA no such name",
    "right",
    GOES,
    /^verified: required by the setting delivery\.require$/,
    "verified",
  ),
  ...NOT_RIGHT.map((server) =>
    row("TLSA no such name", server, strictly(server), /^verified: /, "verified"),
  ),
  row(
    "TLSA of right",
    "self-signed",
    GOES,
    /^opportunistic: no more is asked for by the setting delivery\.require$/,
    "opportunistic",
  ),
  row("TLSA servfail", "self-signed", GOES, /^opportunistic: /, "opportunistic"),
  row("STS enforce, other servers", "no STARTTLS", GOES, /^opportunistic: /, "opportunistic"),
];

for (const { published, server: kind, require: word, ends, wanted } of ROWS)
  test(`${published}; ${kind}${word === undefined ? "" : `; ${word} required`}`, async (t) => {
    const server = await ScriptedServer.open(t, scriptOf(kind));
    const web = await webOf(t, published);
    const rig = new Rig(
      t,
      {
        port: server.port,
        ...(web !== undefined && { https_port: web.port }),
        ...(word !== undefined && { require: { "foreign.example": word } }),
      },
      { authorities: [ROOT.pem] },
    );
    publish(rig, published, server.port);
    const attempt = await rig.attempt(BOB);
    assert.match(words(attempt)[0] ?? "", ends);
    const { security } = attempt.carried ?? {};
    assert.equal(security === undefined, wanted === undefined);
    if (security !== undefined && wanted !== undefined) {
      const { level, why, tested: would } = security;
      assert.match(`${level}: ${why}${would === undefined ? "" : `; ${would}`}`, wanted);
    }
    assert.deepEqual(rig.tlsResults.map(resultText), counted(published, kind, word));
    const went = ends === GOES;
    assert.equal(server.messages.length, went ? 1 : 0);
    if (!went) assert.ok(server.commands.every((command) => !command.startsWith("MAIL ")));
    if (wanted === undefined) assert.equal(server.talks.length, 0);
  });

function resultText({ domain, policyType, mx, ip: address, result }: TlsResult): string {
  assert.equal(domain, "foreign.example");
  assert.ok(address === "" || mx === MX);
  return `${policyType} ${result}`;
}

const SHOWS: Readonly<Record<Server, TlsResult["result"]>> = {
  right: "success",
  "wrong name": "certificate-host-mismatch",
  expired: "certificate-expired",
  "self-signed": "certificate-not-trusted",
  "unknown authority": "certificate-not-trusted",
  "no STARTTLS": "starttls-not-supported",
  "broken TLS": "validation-failure",
};

/** In the words of RFC 8460: "tlsa success"; the policy that was asked for first, then the server. */
function counted(published: Published, server: Server, word: Word | undefined): readonly string[] {
  const { [server]: shows } = SHOWS;
  const inTls = shows === "success" || shows.startsWith("certificate-");
  const whatever = inTls ? "success" : shows;
  if (word === "opportunistic") return [`no-policy-found ${whatever}`];
  // A certificate that the operator does not like is no fault of a domain that promises nothing.
  const own = word === "verified" && shows.startsWith("certificate-");
  const plain =
    own || (word === "verified" && published === "nothing") ? [] : [`no-policy-found ${whatever}`];
  switch (published) {
    case "STS unreachable":
      return ["sts sts-policy-fetch-error", ...plain];
    case "TLSA servfail":
      return ["tlsa dnssec-invalid"];
    case "TLSA unusable":
      return [`tlsa ${whatever}`];
    case "TLSA of its root":
    case "TLSA of right":
    case "TLSA of right, STS enforce, other servers":
      return [`tlsa ${shows.startsWith("certificate-") ? "validation-failure" : shows}`];
    case "STS enforce":
    case "STS testing":
      return [`sts ${shows}`];
    case "STS enforce, other servers":
    case "STS testing, other servers":
      return ["sts validation-failure"];
    case "nothing":
    case "TLSA no such name":
    case "TLSA insecure":
    case "STS none":
      return plain;
  }
}

function scriptOf(kind: Server): Script {
  if (kind === "no STARTTLS") return {};
  return { tls: kind === "broken TLS" ? "broken" : SHOWN[kind].context };
}

async function webOf(t: Parameters<typeof openWeb>[0], published: Published) {
  const [, mode] = /STS (enforce|testing|none)/.exec(published) ?? [];
  if (published === "STS unreachable")
    return openWeb(t, (response) => response.writeHead(404).end());
  if (mode === undefined) return undefined;
  const servers = published.endsWith("other servers") ? ["mx.other.example"] : [MX];
  return openWeb(t, text(policyText(mode, servers)));
}

function publish(rig: Rig, published: Published, port: number): void {
  const authentic = published.startsWith("TLSA");
  rig.dns
    .has(name("foreign.example"), "MX", [{ preference: 10, exchange: MX }], { authentic })
    .has(MX, "A", [ip("127.0.0.1")], { authentic });
  if (published.includes("STS")) rig.announce("foreign.example", "a1");
  const at = name(`_${port}._tcp.${MX}`);
  if (published === "TLSA servfail") rig.dns.fails(at, "TLSA", "servfail");
  const record = recordOf(published);
  if (record !== undefined)
    rig.dns.has(at, "TLSA", [record], { authentic: published !== "TLSA insecure" });
}

function recordOf(published: Published): CertificateAssociation | undefined {
  if (!/^TLSA (?:of|insecure|unusable)/.test(published)) return undefined;
  const { x509 } = published === "TLSA of its root" ? ROOT : SHOWN.right;
  const key = x509.publicKey.export({ type: "spki", format: "der" });
  const usage = published === "TLSA of its root" ? 2 : published === "TLSA unusable" ? 1 : 3;
  const data = Uint8Array.from(createHash("sha256").update(key).digest());
  return { usage, selector: 1, matchingType: 1, data };
}
