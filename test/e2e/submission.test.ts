/** The submission ports of an assembled server: nothing without TLS, nothing without a login, and a login that holds as long as its mailbox. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { openDirectory, type DirectorySession, type GatepostServer } from "../../src/app/index.ts";
import { loadConfig } from "../../src/config/index.ts";
import { explain } from "../../src/operate/journal/index.ts";
import { systemRandom } from "../../src/runtime/index.ts";
import { generateAppPassword } from "../../src/service/accounts/index.ts";
import { ScramClient } from "../protocol/sasl/scram-client.ts";
import { ANY_PORTS, newSite, PASSWORD, portOf, USER, type Site } from "./site.ts";
import { Talk } from "./talk.ts";

const BOB = "bob@local.example";
const BOBS_PASSWORD = "bob's own";
const MESSAGE = "Subject: hello\r\n\r\nit works\r\n.";

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

function plain(login: string, password: string): string {
  return `AUTH PLAIN ${base64(`\0${login}\0${password}`)}`;
}

/** A SCRAM login up to its end; the last reply. */
async function scram(talk: Talk, mechanism: string, client: ScramClient): Promise<string> {
  const said = await talk.ask(`AUTH ${mechanism} ${base64(client.first)}`);
  if (!said.startsWith("334 ")) return said;
  const challenge = Buffer.from(said.slice(4).trim(), "base64").toString();
  const last = await talk.ask(base64(client.final(challenge)));
  return last.startsWith("334 ") ? talk.ask("") : last;
}

function bound(exporter: Uint8Array, password = PASSWORD): ScramClient {
  return new ScramClient(USER, password, "p=tls-exporter,,", "abc", exporter);
}

async function send(talk: Talk, from: string, to: string): Promise<string> {
  assert.match(await talk.ask(`MAIL FROM:<${from}>`), /^250 /);
  assert.match(await talk.ask(`RCPT TO:<${to}>`), /^250 /);
  assert.match(await talk.ask("DATA"), /^354 /);
  return talk.ask(`From: <${from}>\r\n${MESSAGE}`);
}

describe("the submission ports", () => {
  let site: Site;
  let server: GatepostServer;

  before(async () => {
    site = await newSite();
    server = await site.serve();
    await changed(({ administration }) => administration.mailboxes.add(BOB, BOBS_PASSWORD));
  });
  after(async () => {
    await server.stop(1000);
    site.remove();
  });

  /** As a command does it, beside the server. */
  async function changed(change: (session: DirectorySession) => Promise<unknown>): Promise<void> {
    const session = await openDirectory(loadConfig(site.file));
    try {
      assert.deepEqual(await change(session), { kind: "done" });
    } finally {
      await session.close();
    }
  }

  async function explained(subject: string): Promise<string> {
    const session = await openDirectory(loadConfig(site.file));
    try {
      return await explain(session.journal, subject, false);
    } finally {
      await session.close();
    }
  }

  /** A client in TLS that has been greeted, on one port or the other. */
  async function secured(service: "submission" | "submissions"): Promise<[Talk, ehlo: string]> {
    const port = portOf(server, service);
    const talk = service === "submissions" ? await Talk.toTls(port) : await Talk.to(port);
    await talk.reply();
    if (service === "submission") {
      await talk.ask("EHLO client.example");
      assert.match(await talk.ask("STARTTLS"), /^220 /);
      assert.ok(await talk.secure());
    }
    return [talk, await talk.ask("EHLO client.example")];
  }

  async function loggedIn(login = USER, password = PASSWORD): Promise<Talk> {
    const [talk] = await secured("submissions");
    assert.match(await talk.ask(plain(login, password)), /^235 /);
    return talk;
  }

  test("without TLS there is no AUTH and no mail", async () => {
    const talk = await Talk.to(portOf(server, "submission"));
    await talk.reply();
    const ehlo = await talk.ask("EHLO client.example");
    assert.match(ehlo, /STARTTLS/);
    assert.doesNotMatch(ehlo, /AUTH|DSN/);
    assert.match(await talk.ask(plain(USER, PASSWORD)), /^538 5\.7\.11 /);
    assert.match(await talk.ask(`MAIL FROM:<${USER}>`), /^530 5\.7\.0 must issue STARTTLS/);
    talk.destroy();
  });

  for (const service of ["submission", "submissions"] as const)
    test(`${service}: TLS, a login, and then mail`, async () => {
      const [talk, ehlo] = await secured(service);
      assert.match(ehlo, /AUTH SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN LOGIN\r\n/);
      assert.match(ehlo, /250-DSN\r\n/);
      assert.match(await talk.ask(`MAIL FROM:<${USER}>`), /^530 5\.7\.0 /);
      assert.match(await talk.ask(plain(USER, "guess")), /^535 5\.7\.8 /);
      assert.match(await talk.ask(plain(USER, PASSWORD)), /^235 2\.7\.0 /);
      assert.match(await talk.ask("EHLO client.example"), /250-DSN\r\n/);
      const accepted = await send(talk, USER, BOB);
      assert.match(accepted, /^250 2\.0\.0 accepted as /);
      await talk.ask("QUIT");
      await talk.closed();
      const id = /accepted as ([0-9a-z]+)/.exec(accepted)?.[1] ?? "";
      const text = await explained(id);
      assert.match(text, new RegExp(`login ${USER} by PLAIN: wrong`));
      assert.match(text, new RegExp(`login ${USER} by PLAIN: ok`));
      assert.doesNotMatch(text, /exporter/);
    });

  test("what arrives says how it came, and not whose login it was", async () => {
    const talk = await loggedIn();
    await send(talk, USER, BOB);
    talk.destroy();
    const pop3 = await Talk.to(portOf(server, "pop3"));
    await pop3.reply();
    await pop3.ask(`USER ${BOB}`);
    assert.match(await pop3.ask(`PASS ${BOBS_PASSWORD}`), /^\+OK/);
    const [, last = ""] = /^\+OK (\d+)/.exec(await pop3.ask("STAT")) ?? [];
    pop3.say(`RETR ${last}\r\n`);
    const message = await pop3.until("\r\n.\r\n");
    pop3.destroy();
    const [, received = ""] = /\r\n(Received:[^]*?)\r\n(?![ \t])/.exec(message) ?? [];
    assert.match(received, /with ESMTPSA \(TLSv1\.3 /);
    assert.ok(!received.includes(USER), received);
  });

  test("SCRAM, bound to the connection and not", async () => {
    for (const service of ["submission", "submissions"] as const) {
      const [talk] = await secured(service);
      assert.match(await scram(talk, "SCRAM-SHA-256-PLUS", bound(talk.exporter)), /^235 /);
      talk.destroy();
    }
    const [talk] = await secured("submissions");
    assert.match(await scram(talk, "SCRAM-SHA-256", new ScramClient(USER, PASSWORD)), /^235 /);
    talk.destroy();
  });

  test("a login that was made for another TLS connection is refused, and so is a downgrade", async () => {
    const [victim] = await secured("submissions");
    const [talk] = await secured("submissions");
    const stolen = bound(victim.exporter);
    assert.match(await scram(talk, "SCRAM-SHA-256-PLUS", stolen), /^535 5\.7\.8 /);
    const downgraded = new ScramClient(USER, PASSWORD, "y,,");
    assert.match(await scram(talk, "SCRAM-SHA-256", downgraded), /^535 5\.7\.8 /);
    assert.match(await talk.ask(`MAIL FROM:<${USER}>`), /^530 /);
    victim.destroy();
    talk.destroy();
  });

  test("TLS 1.2 has nothing to bind to, and says so", async () => {
    const talk = await Talk.toTls(portOf(server, "submissions"), "TLSv1.2");
    await talk.reply();
    const ehlo = await talk.ask("EHLO client.example");
    assert.match(ehlo, /AUTH SCRAM-SHA-256 PLAIN LOGIN\r\n/);
    const able = new ScramClient(USER, PASSWORD, "y,,");
    assert.match(await scram(talk, "SCRAM-SHA-256", able), /^235 /);
    talk.destroy();
  });

  test("AUTH LOGIN, unless the operator turns it off", async () => {
    const [talk] = await secured("submissions");
    assert.equal(await talk.ask("AUTH LOGIN"), "334 VXNlcm5hbWU6\r\n");
    assert.equal(await talk.ask(base64(USER)), "334 UGFzc3dvcmQ6\r\n");
    assert.match(await talk.ask(base64(PASSWORD)), /^235 /);
    talk.destroy();
    await server.reload([...ANY_PORTS, "submission.auth_login=false"]);
    const [next, ehlo] = await secured("submissions");
    assert.match(ehlo, /AUTH SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN\r\n/);
    assert.match(await next.ask("AUTH LOGIN"), /^504 5\.5\.4 /);
    next.destroy();
    await server.reload(ANY_PORTS);
  });

  test("a mailbox that is disabled in the middle of a session sends no more", async () => {
    const talk = await loggedIn(BOB, BOBS_PASSWORD);
    assert.match(await send(talk, BOB, USER), /^250 /);
    await changed(({ administration }) => administration.mailboxes.set(BOB, { disabled: true }));
    assert.match(await talk.ask(`MAIL FROM:<${BOB}>`), /^525 5\.7\.13 /);
    const [other] = await secured("submissions");
    assert.match(await other.ask(plain(BOB, BOBS_PASSWORD)), /^525 5\.7\.13 /);
    await changed(({ administration }) => administration.mailboxes.set(BOB, { disabled: false }));
    assert.match(await talk.ask(`MAIL FROM:<${BOB}>`), /^250 /);
    talk.destroy();
    other.destroy();
  });

  test("an app password for SMTP is taken, one for POP3 is not, and one that is taken back sends no more", async () => {
    const password = generateAppPassword(systemRandom);
    for (const protocol of ["smtp", "pop3"] as const) {
      const own = protocol === "smtp" ? password : generateAppPassword(systemRandom);
      const name = `for ${protocol}`;
      await changed(({ administration }) =>
        administration.mailboxes.addAppPassword(USER, { name, protocol, password: own }),
      );
      const [talk] = await secured("submissions");
      const said = await talk.ask(plain(USER, own));
      assert.match(said, protocol === "smtp" ? /^235 / : /^535 /);
      talk.destroy();
    }
    const talk = await loggedIn(USER, password);
    assert.match(await send(talk, USER, BOB), /^250 /);
    await changed(({ administration }) =>
      administration.mailboxes.removeAppPassword(USER, "for smtp"),
    );
    assert.match(await talk.ask(`MAIL FROM:<${USER}>`), /^535 5\.7\.8 /);
    talk.destroy();
  });

  test("port 25 offers no login, TLS or not", async () => {
    const talk = await Talk.to(portOf(server, "smtp"));
    await talk.reply();
    assert.doesNotMatch(await talk.ask("EHLO client.example"), /AUTH/);
    await talk.ask("STARTTLS");
    assert.ok(await talk.secure());
    assert.doesNotMatch(await talk.ask("EHLO client.example"), /AUTH/);
    assert.match(await talk.ask(plain(USER, PASSWORD)), /^502 5\.5\.1 /);
    talk.destroy();
  });
});
