/**
 * MTA-STS between two Gateposts: one publishes what it prints and serves, the other goes by it. Everything is on its own port, in a
 * network where both are public; the DNS is not signed, so nothing but the policy keeps mail from going to whoever answers.
 */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { AttemptFacts } from "../../src/mail/index.ts";
import { makeAuthority, makeCertificate, type Made } from "../support/certificates.ts";
import { makeMessage } from "./support/messages.ts";
import { handIn } from "./support/msmtp.ts";
import { PrivateNetwork } from "./support/private-network.ts";
import { GATEPOST, startSite, temporaryDirectory, USER, type Site } from "./support/site.ts";
import { startUnbound, type Unbound } from "./support/unbound.ts";
import { eventually } from "./support/waiting.ts";

const THERE = "9.9.9.1";
const DOMAIN = "foreign.example";
const BOB = `bob@${DOMAIN}`;
const ENFORCED = 'mta_sts.mode="enforce"';
const ROOT = await makeAuthority();
const RIGHT = await makeCertificate({ names: ["mx.local.example"], by: ROOT });
const WRONG = await makeCertificate({ names: ["mx.local.example"] });
const WEB = await makeCertificate({ names: [`mta-sts.${DOMAIN}`], by: ROOT });

describe("mail for a domain with an MTA-STS policy", () => {
  const directory = temporaryDirectory();
  const file = (name: string): string => join(directory, name);
  const shows = (name: string, { certificate, key }: Made): void => {
    writeFileSync(file(`${name}.key`), key);
    writeFileSync(file(`${name}.pem`), certificate);
  };
  let network: PrivateNetwork;
  let there: Site;
  let here: Site;
  let unbound: Unbound;

  before(async () => {
    shows("mail", RIGHT);
    shows("web", WEB);
    writeFileSync(file("ca.pem"), ROOT.pem);
    process.env["NODE_EXTRA_CA_CERTS"] = file("ca.pem"); // whom the sites of this test trust
    network = await PrivateNetwork.open([THERE]);
    const program = network.program(GATEPOST);
    const pair = (name: string): string =>
      `certificate = "${file(`${name}.pem`)}", key = "${file(`${name}.key`)}"`;
    there = await startSite({
      program,
      settings: [
        `tls={ ${pair("mail")}, sni = [{ ${pair("web")} }] }`,
        `listen.smtp=[{ address = "${THERE}", port = 25 }]`,
        `listen.https=[{ address = "${THERE}", port = 443 }]`,
        ENFORCED,
      ],
    });
    await said(there, "domain", "add", DOMAIN);
    await said(there, "alias", "add", BOB, USER);
    const records = await said(there, "domain", "records", DOMAIN, "--set", ENFORCED);
    unbound = await startUnbound(
      [
        { name: DOMAIN, records, signatures: "unsigned" },
        { name: "local.example", records: `mx IN A ${THERE}`, signatures: "unsigned" },
      ],
      { network },
    );
    here = await startSite({
      program,
      settings: [
        'hostname="mx.sender.example"',
        'dns.servers=["127.0.0.1"]',
        "dns.trust_ad=true",
        "delivery.messages_per_connection=1", // each certificate is looked at
      ],
    });
  });
  after(async () => {
    await here.stop();
    await unbound.stop();
    await there.stop();
    await network.close();
  });

  async function said(site: Site, ...args: string[]): Promise<string> {
    const { code, stdout, said: words } = await site.gatepost(...args);
    assert.equal(code, 0, words);
    return stdout.toString();
  }

  const send = (): Promise<void> =>
    handIn(here, makeMessage("STS", { bytes: 100, from: USER }), [BOB], {
      run: (...how) => network.run(...how),
    });

  /** What the last attempt says, of so many. */
  const attempted = (attempts: number): Promise<AttemptFacts> =>
    eventually(
      async () => {
        const { attempts: made } = JSON.parse(await said(here, "explain", BOB, "--json")) as {
          attempts: AttemptFacts[]; // our own words
        };
        return made.length === attempts ? made[0] : undefined;
      },
      () => [here, unbound, there].map((site) => site.log()).join("\n"),
    );

  test("goes to the server that it names, whose certificate is verified", async () => {
    await send();
    const { carried, recipients } = await attempted(1);
    assert.match(recipients[0]?.outcome.status.text ?? "", /accepted as /);
    assert.deepEqual(carried?.security, {
      level: "mta-sts",
      why: `the policy of ${DOMAIN} is enforced`,
    });
    assert.equal(carried?.certificate?.why, "an authority vouches for it");
    assert.match(there.log(), /"host":"mta-sts\.foreign\.example".*"web request"/);
  });

  test("waits when somebody else answers, whatever the web says then, and the queue says why", async () => {
    shows("mail", WRONG);
    shows("web", WRONG);
    await eventually(
      () => (there.log().split('"certificate reloaded"').length > 2 ? true : undefined),
      () => there.log(),
    );
    await send();
    const { message, carried, recipients } = await attempted(2);
    assert.equal(recipients[0]?.end.kind, "due again");
    assert.equal(carried?.certificate?.why, "it is self-signed");
    const shown = await said(here, "queue", "show", message);
    assert.match(shown, /^outcome {4}451 4\.7\.5 the certificate of mx\.local\.example /m);
    assert.match(shown, /^security {3}MTA-STS, the policy of foreign\.example is enforced$/m);
    assert.match(shown, /^ +certificate sha256:[0-9a-f]{64}: it is self-signed$/m);
  });

  test("goes when the right one is back", async () => {
    shows("mail", RIGHT);
    await eventually(
      () => (there.log().split('"certificate reloaded"').length > 3 ? true : undefined),
      () => there.log(),
    );
    await said(here, "queue", "retry", "--all");
    const { recipients } = await attempted(3);
    assert.equal(recipients[0]?.end.kind, "delivered");
  });
});
