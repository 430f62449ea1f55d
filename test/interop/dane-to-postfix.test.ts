/**
 * DANE, out: what leaves us for Postfix, found by unbound in zones that the test has signed. Everything is on its own port, with
 * the settings of a real site: only who shows the right certificate gets mail, and the journal says why.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  formatStatus,
  outcomeKind,
  type AttemptedRecipient,
  type AttemptFacts,
} from "../../src/mail/index.ts";
import { CASES, domainOf, ISSUED, OWN, ZONES } from "./support/dane-cases.ts";
import { makeMessage } from "./support/messages.ts";
import { handIn } from "./support/msmtp.ts";
import { PrivateNetwork } from "./support/private-network.ts";
import { SHOWN_AT, startSignedPostfix, type SignedPostfix } from "./support/signed-postfix.ts";
import { GATEPOST, startSite, USER, type Site } from "./support/site.ts";
import { startUnbound, type Unbound } from "./support/unbound.ts";
import { eventually } from "./support/waiting.ts";

const MESSAGE = makeMessage("DANE", { bytes: 100, from: USER });

describe("mail for a domain with", () => {
  let network: PrivateNetwork;
  let unbound: Unbound;
  let postfix: SignedPostfix;
  let site: Site;
  before(async () => {
    network = await PrivateNetwork.open(Object.values(SHOWN_AT));
    unbound = await startUnbound(ZONES, { network });
    const certificates = { own: OWN, issued: ISSUED };
    postfix = await startSignedPostfix(network, CASES.map(domainOf), certificates);
    site = await startSite({
      program: network.program(GATEPOST),
      settings: ['dns.servers=["127.0.0.1"]', "dns.trust_ad=true"],
    });
    const everybody = CASES.map((one) => `bob@${domainOf(one)}`);
    await handIn(site, MESSAGE, everybody, { run: (...how) => network.run(...how) });
  });
  after(async () => {
    await site.stop();
    await postfix.stop();
    await unbound.stop();
    await network.close();
  });

  const logs = (): string => [site, unbound, postfix].map((one) => one.log()).join("\n");

  /** The first attempt for bob there, in the journal. */
  async function attemptFor(address: string): Promise<AttemptFacts> {
    return eventually(async () => {
      const { stdout } = await site.gatepost("explain", address, "--json");
      const { attempts } = JSON.parse(stdout.toString()) as { attempts: AttemptFacts[] }; // our own words
      return attempts.at(-1);
    }, logs);
  }

  for (const one of CASES) {
    const { what, outcome, why } = one;
    test(`${what}: ${outcome}`, async () => {
      const domain = domainOf(one);
      const { carried, recipients } = await attemptFor(`bob@${domain}`);
      const [bob = assert.fail()]: readonly AttemptedRecipient[] = recipients;
      const status = formatStatus(bob.outcome.status);
      assert.equal(outcomeKind(bob.outcome), outcome, status);
      if (outcome === "deferred") {
        assert.match(status, why);
        assert.equal(bob.end.kind, "due again");
        assert.ok(!postfix.log().includes(`<bob@${domain}>`), postfix.log());
        return;
      }
      assert.match(carried?.tls === undefined ? "no TLS" : (carried.certificate?.why ?? ""), why);
      await eventually(() => postfix.messages(domain)[0], logs);
    });
  }
});
