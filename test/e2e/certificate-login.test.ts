/**
 * A certificate that was made for a mailbox, shown to an assembled server: it is told to whom it belongs, sends as that mailbox, and nothing from
 * the next command on when it is taken back.
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import {
  asksForCertificates,
  inviteMailbox,
  openDirectory,
  type DirectorySession,
  type GatepostServer,
} from "../../src/app/index.ts";
import { loadConfig } from "../../src/config/index.ts";
import { ANY_PORTS, newSite, portOf, USER, type Site } from "./site.ts";
import { Talk } from "./talk.ts";

const ASKING =
  'listen.submission=[{ address = "127.0.0.1", port = 0, client_certificate = "ask" }]';
const SETTINGS = [...ANY_PORTS, ASKING];
const OFFER = /^250-AUTH EXTERNAL /m;

describe("a login by a certificate", () => {
  let site: Site;
  let server: GatepostServer;
  let session: DirectorySession;
  let own: string;

  before(async () => {
    site = await newSite();
    server = await site.serve(SETTINGS);
    session = await openDirectory(loadConfig(site.file));
    own = join(site.dir, "laptop");
  });
  after(async () => {
    await session.close();
    await server.stop(1000);
    site.remove();
  });

  /** Greeted, and in TLS where the certificate is shown. */
  async function greeted(): Promise<{ readonly talk: Talk; readonly offers: string }> {
    const talk = await Talk.to(portOf(server, "submission"));
    await talk.reply();
    assert.doesNotMatch(await talk.ask("EHLO client.example"), /AUTH/);
    assert.match(await talk.ask("STARTTLS"), /^220 /);
    const read = (name: string) => readFileSync(join(own, name));
    await talk.secure({ cert: read("laptop.pem"), key: read("laptop-key.pem") });
    return { talk, offers: await talk.ask("EHLO client.example") };
  }

  test("is made with settings for the port that asks, in files that nobody else reads", async () => {
    const wanted = { name: "laptop", days: 30, out: own };
    const loaded = loadConfig(site.file, SETTINGS);
    const invited = await inviteMailbox(loaded, session, "Ann@Local.example", wanted);
    assert.deepEqual(invited.outcome, { kind: "done" });
    assert.match(invited.settings ?? "", /^tls_starttls on$/m);
    assert.match(invited.settings ?? "", /^user ann@local\.example$/m);
    for (const name of ["laptop.pem", "laptop-key.pem", "mx.local.example.pem", "settings.txt"])
      assert.equal(statSync(join(own, name)).mode & 0o777, 0o600, name);
    assert.ok(asksForCertificates(loaded, ["submissions", "submission"]));
    assert.ok(!asksForCertificates(loaded, ["submissions", "smtp"]));
  });

  test("that is refused leaves no files behind", async () => {
    const out = join(site.dir, "again");
    const again = { name: "laptop", days: 30, out };
    const loaded = loadConfig(site.file, SETTINGS);
    assert.equal(
      (await inviteMailbox(loaded, session, USER, again)).outcome.kind,
      "problem",
      "it has one of that name",
    );
    assert.ok(!existsSync(out));
    await assert.rejects(
      inviteMailbox(loaded, session, USER, { name: "laptop2", days: 30, out: own }),
      /is there already; nothing was changed/,
    );
    const mailbox = session.administration.mailboxes.find(USER);
    assert.ok(typeof mailbox !== "string");
    assert.equal(session.directory.certificates(mailbox.id).length, 1);
  });

  test("sends as its mailbox alone, until it is taken back", async () => {
    const { talk, offers } = await greeted();
    assert.match(offers, OFFER);
    const other = Buffer.from("bob@local.example").toString("base64");
    assert.match(await talk.ask(`AUTH EXTERNAL ${other}`), /^535 5\.7\.8 /);
    assert.match(await talk.ask("AUTH EXTERNAL ="), /^235 /);
    assert.match(await talk.ask("MAIL FROM:<bob@local.example>"), /^550 5\.7\.1 /);
    assert.match(await talk.ask(`MAIL FROM:<${USER}>`), /^250 /);
    assert.match(await talk.ask(`RCPT TO:<${USER}>`), /^250 /);
    assert.deepEqual(await session.certificates.remove(USER, "laptop"), { kind: "done" });
    assert.match(await talk.ask(`RCPT TO:<${USER}>`), /^535 5\.7\.8 /);
    assert.match(await talk.ask("DATA"), /^535 5\.7\.8 /);
    assert.doesNotMatch(await talk.ask("EHLO client.example"), /EXTERNAL/);
    talk.destroy();
    const later = await greeted();
    assert.doesNotMatch(later.offers, OFFER);
    assert.match(await later.talk.ask("AUTH EXTERNAL ="), /^535 5\.7\.8 /);
    assert.match(await later.talk.ask(`MAIL FROM:<${USER}>`), /^530 5\.7\.0 /);
    later.talk.destroy();
  });
});
