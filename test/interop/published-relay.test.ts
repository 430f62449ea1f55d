/**
 * The whole way, between processes: an opened Postfix is reported with a message that came through it, tested, proven and listed; another site that asks the
 * list refuses it; mended it is tested on request, leaves the list, and is accepted.
 */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { documented } from "./support/documented.ts";
import { DNS_PORT, PublishedList, RELAYS } from "./support/published-list.ts";
import { startRelayingPostfix, type RelayingPostfix } from "./support/relaying-postfix.ts";
import { PASSWORD, temporaryDirectory, USER, type Site } from "./support/site.ts";
import { eventually } from "./support/waiting.ts";

/** Of the relay, where it listens and from where it sends. */
const RELAY = "9.9.9.44";
const SPAMMER = "9.9.9.200";

const TESTS = `
[tester]
domain = "tester.example"
pace_ms = 0
[suspects]
zone = "${RELAYS}"
`;

/** A list needs no confirmation, for which a test would have to wait. */
const ASKS = `${documented("Gatepost: gatepost.toml")}
[listed]
confirm_minutes = 0
`;

/** Of `list show --json` and `list retest --json` what is looked at. */
interface Shown {
  readonly zone: string;
  readonly entry: { readonly reason: string; readonly evidence: { readonly kind: string } } | null;
  readonly suspect: { readonly standing: string } | null;
}

describe("an open relay", () => {
  let list: PublishedList;
  let other: Site;
  let relay: RelayingPostfix;
  const sample = join(temporaryDirectory(), "spam.eml");

  before(async () => {
    list = await PublishedList.open(TESTS);
    other = await list.otherSite(ASKS);
    const hasVotes = () => other.log().split('"msg":"list well"').length > 2 || undefined;
    await eventually(hasVotes, () => other.log());
    relay = await openRelay(true);
  });
  after(async () => {
    await Promise.all([relay.stop(), other.stop()]);
    await list.close();
  });

  function openRelay(isOpen: boolean): Promise<RelayingPostfix> {
    const routes = new Map([
      ["tester.example", list.site.ports.smtp],
      ["local.example", other.ports.smtp],
    ]);
    return startRelayingPostfix(list.network, { address: RELAY, routes, isOpen });
  }

  const log = (): string => [relay.log(), list.log(), other.log()].join("\n");

  async function gatepost(...args: readonly string[]): Promise<string> {
    const { code, said, stdout } = await list.site.gatepost(...args);
    assert.equal(code, 0, said);
    return stdout.toString();
  }

  async function shown(): Promise<Shown> {
    const all = JSON.parse(await gatepost("list", "show", RELAY, "--json")) as readonly Shown[]; // what it has just printed
    return all.find(({ zone }) => zone === RELAYS) ?? assert.fail("no such list");
  }

  async function answered(): Promise<string> {
    const name = `${RELAY.split(".").toReversed().join(".")}.${RELAYS}`;
    const args = ["@127.0.0.1", "-p", String(DNS_PORT), "+short", name, "A"];
    return (await list.network.run("dig", args)).stdout.toString().trim();
  }

  /** A server that is started again knows nothing of what a list said; else it is remembered for a minute at least. */
  async function forgotten(): Promise<void> {
    await other.restart();
  }

  /** What became of a message that somebody behind the relay sends to a user of the other site. */
  async function sent(): Promise<string> {
    const logged = relay.log().length;
    await relay.submit("boss@relay.example", USER);
    const outcome = () =>
      /status=(?:sent|bounced|deferred) .*/.exec(relay.log().slice(logged))?.[0];
    return eventually(outcome, log);
  }

  test("brings a stranger's message to another site, which takes it", async () => {
    const message = `From: x@spam.example\r\nTo: ${USER}\r\nSubject: buy\r\n\r\nthis\r\n`;
    await relay.handIn(SPAMMER, "x@spam.example", USER, message);
    const url = `pop3://127.0.0.1:${other.ports.pop3}/1`;
    const taken = await eventually(async () => {
      const { code, stdout } = await list.network.run("curl", ["--silent", "--user", `${USER}:${PASSWORD}`, url]); // prettier-ignore
      return code === 0 ? stdout : undefined;
    }, log);
    assert.match(
      taken.toString(),
      new RegExp(`^Received: .*\\[${SPAMMER.replaceAll(".", "\\.")}\\]`, "m"),
    );
    writeFileSync(sample, taken);
  });

  test("is tested because of it, and listed with the proof", async () => {
    await gatepost("list", "report", RELAY, "--sample", sample);
    const { entry, suspect } = await eventually(async () => {
      const now = await shown();
      return now.entry === null ? undefined : now;
    }, log);
    assert.deepEqual([suspect?.standing, entry?.evidence.kind], ["proved", "test"]);
    const listed = async () => ((await answered()) === "127.0.0.2" ? true : undefined);
    await eventually(listed, log);
  });

  test("is refused then by the other site", async () => {
    await forgotten();
    assert.match(await sent(), /^status=bounced .*550 5\.7\.1 your address 9\.9\.9\.44 is listed by our relays; our relays says: open relay/, log()); // prettier-ignore
  });

  test("stays listed when it is tested again and nothing has changed", async () => {
    const { code, said } = await list.site.gatepost("list", "retest", RELAY, "--wait");
    assert.equal(code, 1, said);
    assert.equal(await answered(), "127.0.0.2");
  });

  test("mended, it is tested on request and leaves the list", async () => {
    await relay.stop();
    relay = await openRelay(false);
    await gatepost("list", "retest", RELAY, "--wait");
    const { entry, suspect } = await shown();
    assert.deepEqual([entry, suspect?.standing], [null, "clean"]);
    const gone = async () => ((await answered()) === "" ? true : undefined);
    await eventually(gone, log);
  });

  test("is accepted then", async () => {
    await forgotten();
    assert.match(await sent(), /^status=sent \(250 2\.0\.0 accepted as /, log());
  });
});
