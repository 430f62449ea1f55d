/**
 * DANE, in: what we print as the records of a domain, signed and served as it stands, leads Postfix here and lets it verify
 * whom it talks to. All of it on its own port, in a network where our address is public.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { z } from "zod";
import { KIB, makeMessage, unixLines } from "./support/messages.ts";
import { startDanePostfix, type Postfix } from "./support/postfix.ts";
import { PrivateNetwork } from "./support/private-network.ts";
import type { ZonePlan } from "./support/signed-zones.ts";
import { GATEPOST, startSite, USER, type Site } from "./support/site.ts";
import { startUnbound, type Unbound } from "./support/unbound.ts";
import { eventually } from "./support/waiting.ts";

const OURS = "9.9.9.1";
const RECORDS = ["domain", "records", "local.example"];
const FINDINGS = z.array(
  z.object({ subject: z.string(), verdict: z.string(), why: z.string().optional() }),
);
type Finding = z.output<typeof FINDINGS>[number];
const NEEDED = [
  "local.example. MX",
  "mx.local.example. A",
  "_25._tcp.mx.local.example. TLSA",
  "_dmarc.local.example. TXT (dmarc)",
  `${OURS} PTR`,
];
const REVERSE: ZonePlan = { name: "9.9.9.in-addr.arpa", records: "1 IN PTR mx.local.example." };

/** Our server under other names: with a record of somebody else's key, and in a zone that is not signed. */
const OTHERS: readonly ZonePlan[] = [
  {
    name: "wrong.example",
    records: `@ IN MX 10 mx
mx IN A ${OURS}
_25._tcp.mx IN TLSA 3 1 1 ${"ab".repeat(32)}`,
  },
  {
    name: "unsigned.example",
    records: `@ IN MX 10 mx
mx IN A ${OURS}`,
    signatures: "unsigned",
  },
];

describe("Postfix, which asks for DANE,", () => {
  let network: PrivateNetwork;
  let site: Site;
  let printed: string;
  let unbound: Unbound;
  let postfix: Postfix;
  before(async () => {
    network = await PrivateNetwork.open([OURS]);
    site = await startSite({
      program: network.program(GATEPOST),
      settings: [`listen.smtp=[{ address = "${OURS}", port = 25 }]`],
    });
    await gatepost("domain", "add", "unsigned.example");
    await gatepost("alias", "add", "user@unsigned.example", USER);
    printed = await gatepost(...RECORDS);
    const own = { name: "local.example", records: printed };
    unbound = await startUnbound([own, REVERSE, ...OTHERS], { network });
    postfix = await startDanePostfix(network);
  });
  after(async () => {
    await postfix.stop();
    await unbound.stop();
    await site.stop();
    await network.close();
  });

  async function gatepost(...args: string[]): Promise<string> {
    const { code, stdout, said } = await site.gatepost(...args);
    assert.equal(code, 0, said);
    return stdout.toString();
  }

  /** What came of one message: the status that Postfix logs. */
  async function send(to: string): Promise<string> {
    const message = unixLines(makeMessage(`to ${to}`, { bytes: KIB, to }));
    await postfix.submit(message, "sender@remote.example", to);
    return eventually(
      () => new RegExp(` to=<${to}>, .* status=(.*)$`, "m").exec(postfix.log())?.[1],
      () => `${postfix.log()}\n${unbound.log()}\n${site.log()}`,
    );
  }

  test("verifies us by the record that we print", async () => {
    assert.match(await send(USER), /^sent \(250 2\.0\.0 accepted as /);
    const verified = /Verified TLS connection established to mx\.local\.example\[9\.9\.9\.1\]:25/;
    assert.match(postfix.log(), verified);
  });

  test("hands us nothing where the record is of another key", async () => {
    assert.match(await send("user@wrong.example"), /^deferred \(Server certificate not verified\)/);
  });

  test("verifies nobody where the zone is not signed", async () => {
    assert.match(await send("user@unsigned.example"), /^sent \(250 2\.0\.0 accepted as /);
    const untrusted = /Untrusted TLS connection established to mx\.unsigned\.example\[/;
    assert.match(postfix.log(), untrusted);
  });

  async function check(server: string, code: number): Promise<readonly Finding[]> {
    const settings = ["--set", `dns.servers=["${server}"]`, "--set", "dns.trust_ad=true"];
    const checked = await site.gatepost(...RECORDS, "--check", "--json", ...settings);
    assert.equal(checked.code, code, checked.said);
    return FINDINGS.parse(JSON.parse(checked.stdout.toString()));
  }

  const verdictsOf = (findings: readonly Finding[]): readonly (string | undefined)[] =>
    NEEDED.map((one) => findings.find(({ subject }) => subject === one)?.verdict);

  test("`domain records --check` finds them all, and signed", async () => {
    const findings = await check("127.0.0.1", 0);
    assert.deepEqual(new Set(verdictsOf(findings)), new Set(["right"]));
    assert.equal(findings.filter(({ subject }) => subject.includes("._domainkey.")).length, 2);
    for (const { subject, verdict, why } of findings) {
      assert.match(verdict, /^(?:right|left out)$/, subject);
      assert.equal(why, undefined, subject);
    }
  });

  test("`domain records --check` tells what is missing, wrong, and not to be believed", async () => {
    const records = printed
      .replace(/^.* IN MX .*$/m, "")
      .replace(/(?<= IN TLSA 3 1 1 )[0-9a-f]{8}/, (digits) => digits.replaceAll(/./g, otherDigit));
    const forged = ["_dmarc.local.example. TXT"];
    const place = { network, address: "127.0.0.2" };
    const other = await startUnbound([{ name: "local.example", records, forged }, REVERSE], place);
    const findings = await check(place.address, 1);
    await other.stop();
    const expected = ["missing", "right", "wrong", "unknown", "right"];
    assert.deepEqual(verdictsOf(findings), expected);
  });
});

function otherDigit(digit: string): string {
  return digit === "0" ? "1" : "0";
}
