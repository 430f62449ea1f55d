/** Reports about TLS: mailed by others, collected, shown by `gatepost report tls`; also across a crash. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { GatepostServer } from "../../src/app/index.ts";
import { messageId, parseDomain, sessionId, type MailboxId } from "../../src/mail/index.ts";
import type { ReceivedDomain } from "../../src/operate/reports/received.ts";
import { systemClock, systemRandom } from "../../src/runtime/index.ts";
import { openSqliteStore } from "../../src/store/sqlite/index.ts";
import { run, type Run } from "../interop/support/programs.ts";
import { GATEPOST, startServer } from "../interop/support/site.ts";
import { APPENDIX_B, GOOGLE, gzipMail, jsonMail, MICROSOFT } from "../service/reports/samples.ts";
import { eventually } from "../support/eventually.ts";
import { fetchAll } from "./maildrop.ts";
import { ANY_PORTS, newSite, PASSWORD, portOf, USER, type Site } from "./site.ts";
import { deliver } from "./talk.ts";

const TO = "tls-reports@local.example";

function report(site: Site, ...args: readonly string[]): Promise<Run> {
  return run(GATEPOST, ["report", "tls", "--config", site.file, ...args]);
}

/** What is shown of local.example, once so many reports are there. */
function received(site: Site, reports: number): Promise<ReceivedDomain> {
  return eventually(`${reports} reports`, async () => {
    const { stdout } = await report(site, "--received", "--json");
    const shown = JSON.parse(stdout.toString()) as { received: ReceivedDomain[] }; // our own words
    const [domain] = shown.received;
    return domain?.reports === reports ? domain : undefined;
  });
}

/** What the postmaster finds, by POP3. */
async function maildrop(server: GatepostServer): Promise<string> {
  return (await fetchAll(portOf(server, "pop3"), USER, PASSWORD)).join("");
}

describe("a running site", () => {
  let site: Site;
  let server: GatepostServer;
  before(async () => {
    site = await newSite();
    server = await site.serve();
  });
  after(async () => {
    await server.stop(1000);
    site.remove();
  });

  test("says what to publish as long as nothing was reported", async () => {
    const { code, stdout, stderr } = await report(site);
    assert.equal(code, 0, stderr);
    const text = stdout.toString();
    assert.match(text, /Nothing was reported\./);
    assert.match(
      text,
      /_smtp\._tls\.DOMAIN\. {2}TXT {2}"v=TLSRPTv1; rua=mailto:tls-reports@DOMAIN"/,
    );
    assert.match(text, /Nothing was seen/);
    const records = await run(GATEPOST, [
      "domain",
      "records",
      "local.example",
      "--config",
      site.file,
    ]);
    assert.match(
      records.stdout.toString(),
      /_smtp\._tls\.local\.example\. .* "v=TLSRPTv1; rua=mailto:tls-reports@local\.example"/,
    );
  });

  test("shows what was mailed, once, and its mail is in nobody's mailbox", async () => {
    const smtp = portOf(server, "smtp");
    for (const mail of [gzipMail(GOOGLE), gzipMail(MICROSOFT), jsonMail(APPENDIX_B)])
      assert.match(await deliver(smtp, TO, mail), /^250 /);
    await received(site, 3);
    assert.match(await deliver(smtp, TO, gzipMail(APPENDIX_B)), /^250 /);
    assert.match(await deliver(smtp, TO, "Subject: a question\r\n\r\nWho reads this?"), /^250 /);
    const left = await eventually("the mail that is no report", async () => {
      const all = await maildrop(server);
      return all === "" ? undefined : all;
    });
    assert.match(left, /Who reads this\?/);
    assert.doesNotMatch(left, /tlsrpt/);
    const { organisations, failed } = await received(site, 3);
    assert.equal(failed, 305);
    assert.deepEqual(
      organisations.map(({ organisation, senders }) => [organisation, senders]),
      [
        ["Company-X", ["remote.example"]],
        ["Microsoft Corporation", ["remote.example"]],
        ["Google Inc.", ["remote.example"]],
      ],
    );
    const text = (await report(site)).stdout.toString();
    assert.match(text, /^local\.example: 3 reports, 5,694 sessions, 305 failed$/m);
    assert.match(text, /^ {4}200 failed: starttls-not-supported at mx2\.mail\.local\.example$/m);
    const none = await report(site, "--received", "--domain", "other.example");
    assert.match(none.stdout.toString(), /tls-reports@other\.example/);
  });

  test("shows what was seen when mail was sent", async () => {
    const store = await openSqliteStore({ path: `${site.dir}/gatepost.db`, exclusive: false });
    const domain = parseDomain("example.net");
    assert.ok(domain !== undefined);
    store.tlsResults.note({
      at: systemClock.now(),
      domain,
      policyType: "tlsa",
      policy: ["3 1 1 0F"],
      policyHosts: ["mx.example.net"],
      mx: "mx.example.net",
      ip: "192.0.2.25",
      result: "tlsa-invalid",
      detail: "no record fits",
    });
    await store.close();
    const text = (await report(site, "--sent")).stdout.toString();
    assert.match(text, /^example\.net: 1 session, 1 failed; policy tlsa$/m);
    assert.match(text, /^ {2}1 failed: tlsa-invalid at mx\.example\.net \(192\.0\.2\.25\)$/m);
    assert.doesNotMatch(text, /RECEIVED/);
  });

  test("wants to be asked for what there is", async () => {
    for (const args of [
      ["--received", "--sent"],
      ["--days", "0"],
      ["--domain", "a b"],
    ])
      assert.notEqual((await report(site, ...args)).code, 0, args.join(" "));
  });
});

test("kill -9 after the 250 loses no report, and none counts twice", async (t) => {
  const site = await newSite();
  t.after(() => site.remove());
  const set = ANY_PORTS.flatMap((setting) => ["--set", setting]);
  const child = await startServer(["serve", "--config", site.file, ...set]);
  const [, port] = /smtp [^ ]*:([0-9]+)/.exec(child.greeting) ?? [];
  const count = 12;
  for (let i = 0; i < count; i++) {
    const mail = gzipMail({ ...GOOGLE, "report-id": `number ${i}` });
    assert.match(await deliver(Number(port), TO, mail), /^250 /);
  }
  process.kill(child.pid, "SIGKILL");
  await assert.rejects(child.stop());
  const server = await site.serve();
  t.after(() => server.stop(1000));
  const { succeeded } = await received(site, count);
  assert.equal(succeeded, count * 41);
});

test("what waits when the server starts is collected", async (t) => {
  const site = await newSite();
  t.after(() => site.remove());
  const store = await openSqliteStore({ path: `${site.dir}/gatepost.db`, exclusive: false });
  const [domain] = store.directory.domains();
  const [mailbox] = store.directory.mailboxes({ limit: 1 });
  assert.ok(domain !== undefined && mailbox !== undefined);
  for (const mail of [gzipMail(GOOGLE), "Subject: none\r\n\r\nno report"])
    await waitingMail(store, mail, domain.name, mailbox.id);
  await store.close();
  const waiting = await report(site, "--received");
  assert.match(waiting.stdout.toString(), /Mail with reports waits to be collected/);
  const server = await site.serve();
  t.after(() => server.stop(1000));
  await received(site, 1);
  await eventually("the other mail", async () =>
    /no report/.test(await maildrop(server)) ? true : undefined,
  );
});

/** As a server has committed it that was killed before it looked. */
async function waitingMail(
  store: Awaited<ReturnType<typeof openSqliteStore>>,
  mail: string,
  domain: NonNullable<ReturnType<typeof parseDomain>>,
  mailbox: MailboxId,
): Promise<void> {
  const session = sessionId(systemRandom.octets(12));
  const at = systemClock.now();
  const draft = store.openMessage();
  draft.write(Buffer.from(mail), () => {});
  const result = await draft.commit({
    id: messageId(session, 1),
    head: Buffer.from("Received: here\r\n"),
    mailboxes: [],
    report: { about: "tls", mailbox, domain, from: "", ip: "192.0.2.1", at },
    record: { session, at, ip: "192.0.2.1", addresses: [], json: "{}" },
  });
  assert.deepEqual(result, { kind: "committed" });
}
