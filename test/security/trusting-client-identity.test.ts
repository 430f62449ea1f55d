/**
 * The class "trusting client-supplied identity": a client says who it is and where it comes from, and is believed. Here
 * it says so in every way there is, from an address that nobody has vouched for. None of it changes what is decided,
 * or under which address it is counted and written down. What it says in messages: see the file beside this one.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { openDirectory, SERVICES, type GatepostServer } from "../../src/app/index.ts";
import { loadConfig } from "../../src/config/index.ts";
import { newSite, PASSWORD, portOf, USER as MAILBOX, type Site } from "../e2e/site.ts";
import { Talk } from "../e2e/talk.ts";
import { ScramClient } from "../protocol/sasl/scram-client.ts";
import { codes, HOSTNAME, lines, MemorySite, USER, VICTIM } from "./support/memory-site.ts";

/** Where the client says it is. */
const CLAIMED = "198.51.100.7";

const V1 = `PROXY TCP4 ${CLAIMED} 192.0.2.1 4711 25\r\n`;
const V2 = `\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc6\x33\x64\x07\xc0\0\x02\x01\x12\x67\0\x19`;
const V2_LOCAL = V2.replace("\x21", "\x20");

/** Lines of a client that speaks as somebody else, and the one answer to each. */
const CLAIMS: readonly (readonly [line: string, code: string])[] = [
  [V1.trimEnd(), "500 5.5.1"],
  ["PROXY UNKNOWN", "500 5.5.1"],
  [`XCLIENT ADDR=${CLAIMED} NAME=${HOSTNAME} LOGIN=${USER} HELO=${HOSTNAME}`, "500 5.5.1"],
  ["XCLIENT ADDR=127.0.0.1", "500 5.5.1"],
  [`XFORWARD ADDR=${CLAIMED} NAME=${HOSTNAME} PROTO=ESMTPSA SOURCE=LOCAL`, "500 5.5.1"],
  [`X-Forwarded-For: ${CLAIMED}`, "500 5.5.1"],
  [`X-Real-IP: ${CLAIMED}`, "500 5.5.1"],
  [`X-ORIGINATING-IP ${CLAIMED}`, "500 5.5.1"],
  ["25, 4711 : USERID : UNIX : root", "500 5.5.1"],
  ["AUTH EXTERNAL =", "502 5.5.1"],
  ["AUTH PLAIN AGFubgBzZWNyZXQ=", "502 5.5.1"],
  ["AUTH ANONYMOUS", "502 5.5.1"],
  [`MAIL FROM:<${USER}> AUTH=<>`, "555 5.5.4"],
  [`MAIL FROM:<${USER}> AUTH=${USER}`, "555 5.5.4"],
  [`MAIL FROM:<${USER}> LOGIN=${USER}`, "555 5.5.4"],
  [`MAIL FROM:<${USER}> ADDR=${CLAIMED}`, "555 5.5.4"],
  [`MAIL FROM:<${USER}> XORIGINATINGIP=127.0.0.1`, "555 5.5.4"],
  [`MAIL FROM:<${USER}> HOLDER=${HOSTNAME} RET=HDRS ENVID=x`, "555 5.5.4"],
];

/** Names of which a careless server thinks well. */
const NAMES = [
  HOSTNAME,
  HOSTNAME.toUpperCase(),
  "local.example",
  "localhost",
  "localhost.localdomain",
  "[127.0.0.1]",
  "[192.0.2.1]",
  "[IPv6:::1]",
  "mail.google.com",
  "10.0.0.1",
];

/** Names with more in them, for whoever reads the Received field. */
const LADEN_NAMES = [
  `root@${HOSTNAME}`,
  `${HOSTNAME} (ident root@localhost [127.0.0.1])`,
  `x) by ${HOSTNAME} with ESMTPSA (authenticated`,
];

const ADDRESSES = ["192.0.2.9", "8.8.8.8", "10.0.0.1", "172.17.0.1", "127.0.0.1", "::1"];

/** What a session is decided on and written down by; its id and its words apart. */
function essence(site: MemorySite): readonly unknown[] {
  const [facts] = site.facts.slice(-1);
  const events = facts?.events.flatMap((event) =>
    event.kind === "recipient" ? [event.decision] : [],
  );
  return [facts?.ip, facts?.port, facts?.proxied, facts?.listener, events];
}

/** A transaction for a mailbox here and for a stranger, after what `claim` says; its codes and its record. */
async function decided(ip: string, helo: string, claim: string): Promise<readonly unknown[]> {
  const site = new MemorySite();
  const client = site.connect({ ip });
  await client.send(lines(`EHLO ${helo}`), claim, lines("RSET"));
  const said = await client.send(
    lines(`MAIL FROM:<${USER}>`, `RCPT TO:<${USER}>`, `RCPT TO:<${VICTIM}>`),
  );
  client.hangUp();
  for (const line of site.logged.trim().split("\n"))
    assert.equal((JSON.parse(line) as { ip: string }).ip, ip); // our own log
  assert.ok(site.notes.every((note) => note.ip === ip));
  return [codes(said), ...essence(site)];
}

describe("in the session", () => {
  test("each claim is refused, and none is offered", async () => {
    const client = new MemorySite().connect();
    const offered = await client.send(lines("EHLO client.example"));
    assert.doesNotMatch(offered, /XCLIENT|XFORWARD|PROXY|AUTH|BURL|ETRN/i);
    for (const [line, code] of CLAIMS) {
      const fresh = new MemorySite().connect();
      await fresh.send(lines("EHLO client.example"));
      assert.deepEqual(codes(await fresh.send(lines(line))), [code], line);
    }
  });

  for (const ip of ADDRESSES)
    test(`from ${ip}: decision, record and log are those of a client that claims nothing`, async () => {
      const plain = await decided(ip, "client.example", "");
      assert.deepEqual(plain[0], ["250 2.1.0", "250 2.1.5", "550 5.7.1"]);
      assert.equal(plain[1], ip);
      for (const [line] of CLAIMS)
        assert.deepEqual(await decided(ip, "client.example", lines(line)), plain, line);
      for (const name of NAMES) assert.deepEqual(await decided(ip, name, ""), plain, name);
    });

  test("a name with an ident, a comment or a clause in it is refused", async () => {
    for (const name of LADEN_NAMES)
      for (const verb of ["EHLO", "HELO"])
        assert.deepEqual(
          codes(await new MemorySite().connect().send(lines(`${verb} ${name}`))),
          ["501 5.5.2"],
          name,
        );
  });

  test("a PROXY header of version 2 is octets that no command has, and the end", async () => {
    for (const header of [V2, V2_LOCAL]) {
      const site = new MemorySite();
      const client = site.connect();
      await client.send(header);
      assert.ok(client.closed);
      assert.equal(site.facts[0]?.ip, "192.0.2.9");
    }
  });
});

describe("over sockets", () => {
  let site: Site;

  before(async () => {
    site = await newSite();
  });
  after(() => site.remove());

  /** All services on ports of the system's choice, believing PROXY headers of that address alone. */
  const behind = (proxy: string): string[] =>
    SERVICES.map(
      (name) => `listen.${name}=[{ address = "127.0.0.1", port = 0, proxy_from = ["${proxy}"] }]`,
    );

  async function serving(
    overrides: readonly string[],
    act: (server: GatepostServer) => Promise<void>,
  ): Promise<void> {
    const server = await site.serve(overrides);
    try {
      await act(server);
    } finally {
      await server.stop(0);
    }
  }

  /** The sessions that the journal knows of this address. */
  async function sessionsOf(ip: string): Promise<number> {
    const { journal, close } = await openDirectory(loadConfig(site.file));
    const found = await journal.find({ kind: "ip", ip, limit: 100 });
    await close();
    return found.length;
  }

  test("a PROXY header of somebody who is no proxy is a wrong command, or talking before the greeting", async () => {
    await serving(behind("127.0.0.9"), async (server) => {
      for (const header of [V1, "PROXY UNKNOWN\r\n", V2, V2_LOCAL]) {
        const talk = await Talk.to(portOf(server, "smtp"));
        const first = await talk.say(header).reply(); // the greeting, or not even that
        const said = first.startsWith("220") ? await talk.reply() : first;
        assert.match(said, /^5\d\d 5\.5\.[12]/);
        talk.destroy();
        const reader = await Talk.to(portOf(server, "pop3"));
        await reader.reply();
        assert.match(await reader.say(header).reply(), /^-ERR/);
        reader.destroy();
        const secure = await Talk.to(portOf(server, "pop3s"));
        secure.say(header);
        await secure.closed();
      }
    });
    assert.equal(await sessionsOf(CLAIMED), 0);
    assert.ok((await sessionsOf("127.0.0.1")) > 0);
  });

  test("no claim makes room: connections are counted where they come from", async () => {
    const limited = [...behind("127.0.0.9"), "limits.connections_per_address=2"];
    await serving(limited, async (server) => {
      for (const claim of [V1, `XCLIENT ADDR=${CLAIMED}\r\n`]) {
        const talk = await Talk.to(portOf(server, "smtp"));
        await talk.reply();
        assert.match(await talk.say(claim).reply(), /^500/);
      }
      const third = await Talk.to(portOf(server, "smtp"));
      assert.match(await third.reply(), /^421 4\.7\.0/);
    });
  });

  test("a client behind a trusted proxy is who that says, and a second header of its own is a wrong command", async () => {
    await serving(behind("127.0.0.1"), async (server) => {
      const talk = await Talk.to(portOf(server, "smtp"));
      await talk.say(V1.replace(CLAIMED, "203.0.113.5")).reply();
      assert.match(await talk.ask(V1.trimEnd()), /^500 5\.5\.1/);
      assert.match(await talk.ask("PROXY UNKNOWN"), /^500 5\.5\.1/);
      await talk.ask("QUIT");
      talk.destroy();
    });
    assert.equal(await sessionsOf(CLAIMED), 0);
    assert.equal(await sessionsOf("203.0.113.5"), 1);
  });

  test("nobody behind a proxy is on this machine, whatever the header says: no password in the clear", async () => {
    await serving(behind("127.0.0.1"), async (server) => {
      for (const header of [V1.replace(CLAIMED, "127.0.0.1"), "PROXY UNKNOWN\r\n", V2_LOCAL]) {
        const talk = await Talk.to(portOf(server, "pop3"));
        await talk.say(header).reply();
        assert.match(await talk.ask(`USER ${MAILBOX}`), /^-ERR/);
        talk.destroy();
      }
    });
  });

  test("who logs in is nobody but himself: no authzid, no XCLIENT, no name beside the password", async () => {
    const { administration, close } = await openDirectory(loadConfig(site.file));
    await administration.mailboxes.add("bob@local.example", "secret of bob");
    await close();
    const plain = (text: string): string => `AUTH PLAIN ${Buffer.from(text).toString("base64")}`;
    await serving(behind("127.0.0.9"), async (server) => {
      const talk = await Talk.to(portOf(server, "pop3"));
      await talk.reply();
      for (const line of [
        plain(`bob@local.example\0${MAILBOX}\0${PASSWORD}`),
        plain(`${MAILBOX}\0bob@local.example\0${PASSWORD}`),
        `AUTH SCRAM-SHA-256 ${Buffer.from(new ScramClient(MAILBOX, PASSWORD, "n,a=bob@local.example,").first).toString("base64")}`,
        `XCLIENT ADDR=127.0.0.1 LOGIN=${MAILBOX}`,
        "AUTH EXTERNAL =",
      ]) {
        assert.match(await talk.ask(line), /^-ERR/, line);
        assert.match(await talk.ask("STAT"), /^-ERR/, "nobody has logged in");
      }
      assert.match(await talk.ask(plain(`\0${MAILBOX}\0${PASSWORD}`)), /^\+OK/);
      talk.destroy();
    });
  });
});
