/**
 * The way back by the site's own MX, between processes: `gatepost test` gives messages to a Postfix, which has a route for the tester's
 * domain to the site; what comes there the site's server keeps, whether the command waits for it or not.
 */
import assert from "node:assert/strict";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { eventually } from "../support/eventually.ts";
import { startServer, startSite, type Site } from "./support/site.ts";
import { startTestedPostfix } from "./support/tested-postfix.ts";
import {
  provedHoles,
  testedPlace,
  type Tested,
  type TestedServer,
} from "./support/tested-server.ts";

const TO_ALL =
  "smtpd_relay_restrictions = check_client_access static:OK, reject_unauth_destination\n";
const TO_LOOPBACK = `mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
`;

/** It takes the message for the tester's domain, and hears only from the next server that nobody wants it; its sender it finds elsewhere. */
function reporting(next: number, sink: number): string {
  return `${TO_ALL}transport_maps = regexp:{ {/\\.b@tester\\.example$$/ smtp:[127.0.0.1]:${sink}} {/@tester\\.example$$/ smtp:[127.0.0.1]:${next}} }
`;
}

const OFTEN = "queue_run_delay = 1s\nminimal_backoff_time = 1s\nmaximal_backoff_time = 2s\n";

const CONFIG = "gatepost.toml";

/** Told of its tester's domain as an operator does it: in the file, and by a reload. */
async function testersSite(t: TestContext): Promise<Site> {
  const site = await startSite();
  t.after(() => site.stop());
  appendFileSync(join(site.directory, CONFIG), '\n[tester]\ndomain = "tester.example"\n');
  process.kill(site.pid, "SIGHUP");
  await eventually("the reload", async () =>
    site.log().includes("configuration reloaded") ? true : undefined,
  );
  return site;
}

/** With a route for the tester's domain to that port. */
async function postfix(t: TestContext, sink: number, settings: string): Promise<TestedServer> {
  const { port } = await testedPlace();
  const server = await startTestedPostfix({ port, sink }, settings);
  t.after(() => server.stop());
  return server;
}

interface Returning extends Tested {
  readonly id: string;
  readonly wayBack: string;
  readonly wayBackDoubts: readonly string[];
  readonly outputAddresses: readonly string[];
}

/** One vector is enough: whether all are found is another suite's. */
async function tested(
  site: Site,
  server: TestedServer,
  ...more: readonly string[]
): Promise<Returning> {
  const target = [`127.0.0.1:${server.port}`, "--domain", "local.example", "--vector", "R01"];
  const { stdout, said } = await site.gatepost("test", ...target, "--json", ...more);
  assert.notEqual(stdout.length, 0, said);
  const result = JSON.parse(stdout.toString()) as Returning; // what `gatepost test` has just printed
  assert.equal(result.wayBack, "mail for tester.example, which this site takes");
  return result;
}

/** What is in doubt of the site's own server; of a domain of examples the DNS knows nothing. */
function doubtsOf({ wayBackDoubts }: Returning): readonly string[] {
  return wayBackDoubts.filter((doubt) => !doubt.startsWith("in the DNS "));
}

function returnsIn({ endpoints }: Tested) {
  return endpoints.flatMap(({ cases }) => cases.flatMap(({ returned }) => returned));
}

/** As it stands now. */
async function shown(site: Site, { id }: Returning): Promise<Returning> {
  const { stdout, said } = await site.gatepost("tests", "show", id, "--json");
  assert.notEqual(stdout.length, 0, said);
  return (JSON.parse(stdout.toString()) as { readonly result: Returning }).result; // what it has just printed
}

describe("the way back by the site's own MX", () => {
  test("an opened Postfix is proved by what comes back, and the server explains what it took", async (t) => {
    const site = await testersSite(t);
    const server = await postfix(t, site.ports.smtp, TO_ALL);
    const result = await tested(site, server);
    assert.equal(result.verdict, "open", server.log());
    assert.deepEqual(doubtsOf(result), []);
    assert.deepEqual(provedHoles(result), ["client address"]);
    const [returned] = returnsIn(result);
    assert.deepEqual([returned?.kind, returned?.from], ["relay", "127.0.0.1"]);
    assert.match(returned?.received.join("\n") ?? "", /by mx\.local\.example \(Postfix\)/);
    assert.deepEqual(result.outputAddresses, []);
    const told = await eventually("the journal to have it", async () => {
      const sessions = await site.gatepost("explain", `${returned?.token}@tester.example`);
      const [, id] = /([0-9a-z]{12}) +smtp/.exec(sessions.said) ?? [];
      return id === undefined ? undefined : (await site.gatepost("explain", id)).said;
    });
    assert.match(told, /relayTest=awaited/);
    assert.match(told, /kept as evidence of a relay test, in no mailbox/);
  });

  test("over a smart host: in at one address, out from another, each by its name", async (t) => {
    const site = await testersSite(t);
    const behind = await postfix(
      t,
      site.ports.smtp,
      `${TO_LOOPBACK}smtp_bind_address = 127.0.0.2\n`,
    );
    const server = await postfix(t, behind.port, `${TO_ALL}myhostname = front.local.example\n`);
    const result = await tested(site, server);
    assert.equal(result.verdict, "open", `${server.log()}\n${behind.log()}`);
    assert.deepEqual(result.outputAddresses, ["127.0.0.2"]);
    const [returned] = returnsIn(result);
    assert.equal(returned?.from, "127.0.0.2");
    assert.equal(returned.received.length, 2);
    assert.match(returned.received[0] ?? "", /by mx\.local\.example/);
    assert.match(returned.received[1] ?? "", /by front\.local\.example/);
  });

  test("a server that takes a message and reports to its sender is no open relay: that is backscatter", async (t) => {
    const site = await testersSite(t);
    const refusing = await postfix(t, site.ports.smtp, "");
    const server = await postfix(t, site.ports.smtp, reporting(refusing.port, site.ports.smtp));
    const result = await tested(site, server, "--wait", "20");
    assert.equal(result.verdict, "inconclusive", server.log());
    const all = returnsIn(result);
    assert.ok(all.length > 0 && all.every(({ kind }) => kind === "report"));
    assert.deepEqual(provedHoles(result), []);
    assert.ok(
      result.endpoints.some(({ openings }) => openings.some(({ name }) => name === "backscatter")),
    );
  });

  test("while no server is there it is said, and what comes later is kept when no command runs", async (t) => {
    const site = await testersSite(t);
    await site.stop();
    const server = await postfix(t, site.ports.smtp, `${TO_ALL}${OFTEN}`);
    const result = await tested(site, server);
    assert.equal(result.verdict, "inconclusive");
    assert.match(
      doubtsOf(result).join(),
      /^this site's server does not answer at 127\.0\.0\.1:[0-9]+ /,
    );
    assert.deepEqual(returnsIn(await shown(site, result)), []);
    const again = await startServer(["serve", "--config", join(site.directory, CONFIG)]);
    t.after(() => again.stop());
    const late = await eventually("the message to come back", async () => {
      const now = await shown(site, result);
      return returnsIn(now).length > 0 ? now : undefined;
    });
    assert.equal(late.verdict, "open");
    assert.deepEqual(provedHoles(late), ["client address"]);
  });
});
