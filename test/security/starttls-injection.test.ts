/**
 * The class "STARTTLS injection" (CVE-2011-0411, STLS too): what somebody on the way sent in the clear, before or behind the
 * command, is carried into TLS and obeyed there as if the client had said it. Octets behind the command end the
 * connection, and everything said before it is forgotten.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { after, before, describe, test } from "node:test";
import { connect as connectTls } from "node:tls";
import type { GatepostServer } from "../../src/app/index.ts";
import { newSite, portOf, type Site } from "../e2e/site.ts";
import { lines, play as playPop3 } from "../protocol/pop3/mailbox-desk.ts";
import {
  BEGUN,
  codes,
  MemorySite,
  lines as smtpLines,
  USER,
  VICTIM,
} from "./support/memory-site.ts";

const EHLO = smtpLines("EHLO client.example");

describe("SMTP", () => {
  const INJECTED = [
    "NOOP\r\n",
    "RSET\r\n",
    "QUIT\r\n",
    `MAIL FROM:<>\r\nRCPT TO:<${VICTIM}>\r\n`,
    "M",
    "\r\n",
    "\r",
    "\n",
    "\0",
    " ",
    "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", // as a handshake begins
    "x".repeat(5000),
  ];

  for (const injected of INJECTED)
    test(`${JSON.stringify(injected.slice(0, 20))} behind STARTTLS, in one segment or the next, ends it`, async () => {
      for (const pieces of [[`STARTTLS\r\n${injected}`], ["STARTTLS\r\n", injected]]) {
        const site = new MemorySite();
        const client = site.connect({ startTls: true });
        await client.send(EHLO);
        const said = await client.send(...pieces);
        assert.match(said, pieces.length === 1 ? /^501 5\.5\.4 .*\r\n$/ : /^220 2\.0\.0 .*\r\n$/);
        assert.ok(client.closed);
        assert.equal(await client.send("NOOP\r\n"), "", "nothing runs any more");
        const [facts, ...more] = site.facts;
        assert.equal(facts?.ending, "plaintext after STARTTLS");
        assert.equal(more.length, 0);
        assert.equal(facts.tls, undefined);
      }
    });

  test("everything that was said in the clear is forgotten: name, sender, recipients, content", async () => {
    const states = [
      EHLO,
      smtpLines("EHLO client.example", "MAIL FROM:<>"),
      smtpLines("EHLO client.example", "MAIL FROM:<>", `RCPT TO:<${USER}>`),
      `${smtpLines("EHLO client.example", "MAIL FROM:<>", `RCPT TO:<${USER}>`, "BDAT 3")}a\r\n`,
    ];
    for (const state of states) {
      const site = new MemorySite();
      const client = site.connect({ startTls: true });
      await client.send(state, "STARTTLS\r\n");
      client.secure();
      const said = await client.send(
        smtpLines("MAIL FROM:<>", `RCPT TO:<${USER}>`, "DATA", "EHLO client.example"),
        smtpLines(`RCPT TO:<${USER}>`, "DATA", "MAIL FROM:<>", "DATA"),
      );
      const no = "503 5.5.1";
      assert.deepEqual(codes(said), [no, no, no, "250", no, no, "250 2.1.0", no]);
      assert.equal(site.bodies.total, 0, "the chunk's draft was let go");
      client.hangUp();
      assert.equal(site.messages.length, 0);
    }
  });

  test("what the message says of its way is what was said inside TLS", async () => {
    const site = new MemorySite();
    const client = site.connect({ startTls: true });
    await client.send(smtpLines("EHLO before.example"), "STARTTLS\r\n");
    client.secure();
    await client.send(BEGUN, "text\r\n.\r\n");
    const [message] = site.messages;
    assert.match(message?.headText ?? "", /from client\.example .*with ESMTPS \(TLSv1\.3/s);
    assert.doesNotMatch(message?.headText ?? "", /before/);
  });

  test("STARTTLS is offered once, and not inside TLS", async () => {
    const client = new MemorySite().connect({ startTls: true });
    assert.match(await client.send(EHLO), /STARTTLS/);
    await client.send("STARTTLS\r\n");
    client.secure();
    assert.doesNotMatch(await client.send(EHLO), /STARTTLS/);
    assert.match(await client.send("STARTTLS\r\n"), /^503 5\.5\.1 /);
  });
});

describe("POP3", () => {
  for (const injected of [["NOOP"], ["USER ann@local.example", "PASS secret"], ["QUIT"]])
    test(`${injected[0]} behind STLS, in one segment or the next, ends it`, () => {
      for (const pieces of [[lines("STLS", ...injected)], [lines("STLS"), lines(...injected)]]) {
        const { output, closed, desk } = playPop3(pieces);
        assert.match(output, /^\+OK [^\r]*\r\n\+OK begin TLS\r\n$/);
        assert.ok(closed);
        assert.deepEqual(desk.asks, []);
        assert.deepEqual(desk.tells, [{ kind: "ended", ending: "plaintext after STLS" }]);
      }
    });
});

describe("over a socket", () => {
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

  const PROTOCOLS = [
    { service: "smtp", command: "STARTTLS", injected: "NOOP\r\n" },
    { service: "pop3", command: "STLS", injected: "CAPA\r\n" },
  ] as const;

  for (const { service, command, injected } of PROTOCOLS) {
    test(`${command} and a command in one segment: the connection ends and nothing runs`, async () => {
      const socket = await greeted(portOf(server, service));
      socket.write(`${command}\r\n${injected}`);
      const said = await untilClosed(socket);
      assert.equal(said.split("\r\n").length, 2, `one reply at most: ${said}`);
    });

    test(`${command}, then a command in the clear: the connection ends and nothing runs`, async () => {
      const socket = await greeted(portOf(server, service));
      socket.write(`${command}\r\n`);
      await once(socket, "data");
      socket.write(injected);
      // An alert of TLS may come back, never an answer.
      assert.doesNotMatch(await untilClosed(socket), /250|\+OK/);
    });

    test(`${command} with a handshake that does not wait for the answer is not taken up`, async () => {
      const raw = await greeted(portOf(server, service));
      const hello = await clientHello();
      raw.write(Buffer.concat([Buffer.from(`${command}\r\n`), hello]));
      const said = await untilClosed(raw);
      assert.doesNotMatch(said, /\x16\x03/, "no handshake is answered");
    });
  }
});

async function greeted(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => socket.destroy());
  await once(socket, "data");
  return socket;
}

async function untilClosed(socket: Socket): Promise<string> {
  let said = "";
  socket.on("data", (bytes: Buffer) => (said += bytes.toString("latin1")));
  await once(socket, "close");
  return said;
}

/** The first octets of a TLS client, as it would send them. */
async function clientHello(): Promise<Buffer> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  const client = connectTls({ port: address.port, host: "127.0.0.1", rejectUnauthorized: false });
  client.on("error", () => client.destroy());
  const [socket] = (await once(server, "connection")) as [Socket]; // what a net server's event carries
  socket.on("error", () => socket.destroy());
  const [hello] = (await once(socket, "data")) as [Buffer]; // as above
  client.destroy();
  socket.destroy();
  server.close();
  return hello;
}
