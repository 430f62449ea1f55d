/** One connection: what is written arrives, what is paused waits, TLS begins, time passes, bugs stay where they are. */
import assert from "node:assert/strict";
import { createServer, type AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { createSecureContext } from "node:tls";
import { parseIp } from "../../src/mail/index.ts";
import { LINGER_MS, makeSelfSigned, type OpenDialogue } from "../../src/net/index.ts";
import { Connection, TURN_OCTETS } from "../../src/net/connection.ts";
import { acceptedFrom } from "../../src/net/role.ts";
import {
  CLOSE,
  Conversation,
  NO_STEPS,
  type Session,
  type Steps,
} from "../../src/protocol/dialogue/index.ts";
import { carriedBy, Client, EchoService, until, type EchoDialogue } from "./echo.ts";

const CONTEXT = makeSelfSigned("mx.local.example", Date.now()).then(({ certificate, key }) =>
  createSecureContext({ cert: certificate, key }),
);

/** The server's end of connections that a test drives by hand: sweeps come when it says so. */
class Ends {
  readonly service = new EchoService();
  readonly connections: Connection[] = [];
  gone = 0;
  crowded = false;
  implicitTls = false;
  port = 0;
  open: OpenDialogue = this.service.open; // some tests open another kind of dialogue

  async listen(t: TestContext): Promise<this> {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      const ip = parseIp(socket.remoteAddress ?? "");
      assert.ok(ip !== undefined);
      const peer = { ip, port: 1, listener: "echo" };
      const environment = this.service.environment();
      const role = acceptedFrom(peer, environment.secureContext);
      const connection = new Connection(socket, environment, role, () => this.gone++);
      this.connections.push(connection);
      const { open } = this;
      connection.begin(
        (wire, tls) => open(tls === undefined ? peer : { ...peer, tls }, wire),
        this.implicitTls,
      );
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    this.port = (server.address() as AddressInfo).port; // a TCP server's address is an AddressInfo
    t.after(() => {
      for (const connection of this.connections) connection.destroy();
      server.close();
    });
    return this;
  }

  async withTls(): Promise<this> {
    const context = await CONTEXT;
    this.service.secureContext = () => context;
    return this;
  }

  /** Lets time pass, then looks. */
  sweepAfter(ms: number): void {
    this.service.clock.advance(ms);
    for (const connection of this.connections) connection.sweep(this.crowded);
  }

  /** A client that has been greeted, and the dialogue that greeted it. */
  async greeted(): Promise<{ client: Client; dialogue: EchoDialogue }> {
    const n = this.service.dialogues.length;
    const client = Client.to(this.port);
    await client.hears("hello\r\n");
    return { client, dialogue: await this.service.dialogue(n) };
  }
}

/** Long enough for what is about to happen on loopback to have happened. */
async function someTurns(): Promise<void> {
  for (let i = 0; i < 100; i++) await new Promise((resolve) => setImmediate(resolve));
}

// ---- Bytes ----

test("everything written before the end arrives, however much it is", async (t) => {
  const ends = await new Ends().listen(t);
  const { client, dialogue } = await ends.greeted();
  const words = "0123456789abcde\n".repeat(500_000);
  client.socket.pause();
  assert.equal(dialogue.wire.write(words), false);
  dialogue.wire.end();
  client.socket.resume();
  assert.equal(await client.ends(), `hello\r\n${words}`);
  await until(() => ends.gone === 1);
});

test("a full wire says so, and says when it is free again", async (t) => {
  const ends = await new Ends().listen(t);
  const { client, dialogue } = await ends.greeted();
  client.socket.pause();
  while (dialogue.wire.write(Buffer.alloc(1_000_000))); // until it is full
  assert.ok(!dialogue.calls.includes("drained"));
  client.socket.resume();
  await until(() => dialogue.calls.includes("drained"));
});

test("a client that reads as fast as it is written to lets others have their turn", async (t) => {
  const ends = await new Ends().listen(t);
  const { client, dialogue } = await ends.greeted();
  client.socket.resume();
  const chunk = Buffer.alloc(65_536);
  const inTurn = [0];
  const content = { left: 20 * 2 ** 20 };
  dialogue.drained = () => {
    for (let room = true; room && content.left > 0; content.left -= chunk.length) {
      inTurn.push((inTurn.pop() ?? 0) + chunk.length);
      room = dialogue.wire.write(chunk);
    }
  };
  dialogue.drained();
  while (content.left > 0) {
    await new Promise((resolve) => setImmediate(resolve));
    inTurn.push(0);
  }
  assert.ok(Math.max(...inTurn) <= 2 * TURN_OCTETS, `${Math.max(...inTurn)} octets in one turn`);
});

test("text is written as the octets that it stands for", async (t) => {
  const ends = await new Ends().listen(t);
  const { client, dialogue } = await ends.greeted();
  dialogue.wire.write("\u00ff\u0080\r\n");
  await client.hears("hello\r\n\u00ff\u0080\r\n");
});

test("while it is paused nothing is read; then everything is", async (t) => {
  const ends = await new Ends().listen(t);
  const { client, dialogue } = await ends.greeted();
  client.send("PAUSE\r\n");
  await until(() => dialogue.calls.length === 2);
  let sent = false;
  client.socket.write("x".repeat(10_000), () => (sent = true));
  await until(() => sent);
  await someTurns();
  assert.equal(dialogue.heard, 7);
  dialogue.wire.resume();
  await until(() => dialogue.heard === 10_007);
});

test("what comes after the end is read away and means nothing", async (t) => {
  const ends = await new Ends().listen(t);
  const { client, dialogue } = await ends.greeted();
  client.send("PAUSE\r\n");
  await until(() => dialogue.calls.length === 2);
  client.send("more\r\n");
  dialogue.wire.write("bye\r\n");
  dialogue.wire.end();
  assert.equal(await client.ends(), "hello\r\nbye\r\n");
  await until(() => ends.gone === 1);
  assert.deepEqual(dialogue.calls, ["start", "receive PAUSE\r\n", "closed"]);
});

test("a client that has said everything still hears the answers", async (t) => {
  const ends = await new Ends().listen(t);
  const { client, dialogue } = await ends.greeted();
  client.socket.end("last words\r\n");
  assert.equal(await client.ends(), "hello\r\nlast words\r\ndone\r\n");
  await until(() => ends.gone === 1);
  assert.deepEqual(dialogue.calls, ["start", "receive last words\r\n", "finished", "closed"]);
});

test("a client that closes after the end has nothing more to be told", async (t) => {
  const ends = await new Ends().listen(t);
  const { client, dialogue } = await ends.greeted();
  await client.send("QUIT\r\n").ends();
  await until(() => ends.gone === 1);
  assert.ok(!dialogue.calls.includes("finished"));
});

test("a client that resets is gone, and the dialogue is told once", async (t) => {
  const ends = await new Ends().listen(t);
  const { client, dialogue } = await ends.greeted();
  client.socket.resetAndDestroy();
  await until(() => ends.gone === 1);
  assert.deepEqual(dialogue.calls, ["start", "closed"]);
  assert.deepEqual(
    ends.service.log.lines.map(({ event, fields }) => [event, fields["ip"], fields["listener"]]),
    [["connection error", "127.0.0.1", "echo"]],
  );
});

// ---- TLS ----

test("STARTTLS: the rest of the conversation is encrypted, and the dialogue hears how", async (t) => {
  for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
    const ends = await (await new Ends().withTls()).listen(t);
    const { client, dialogue } = await ends.greeted();
    await client.send("STARTTLS\r\n").hears("go\r\n");
    const secure = await client.startTls({ minVersion: version, maxVersion: version });
    await client.hears("secure\r\n");
    const { standardName } = secure.getCipher();
    assert.equal(dialogue.calls.at(-1), `secured ${version} ${standardName}`);
    await client.send("inside\r\n").hears("inside\r\n");
    assert.match(await client.send("QUIT\r\n").ends(), /bye\r\n$/);
    await until(() => ends.gone === 1);
  }
});

test("what a login can be bound to is the same at both ends, of TLS 1.3 alone, and made for who asks for it", async (t) => {
  for (const [asked, version] of [
    [true, "TLSv1.3"],
    [true, "TLSv1.2"],
    [false, "TLSv1.3"],
  ] as const) {
    const ends = await (await new Ends().withTls()).listen(t);
    ends.service.channelBinding = asked;
    const { client, dialogue } = await ends.greeted();
    await client.send("STARTTLS\r\n").hears("go\r\n");
    const secure = await client.startTls({ minVersion: version, maxVersion: version });
    await client.hears("secure\r\n");
    const mine = secure.exportKeyingMaterial(32, "EXPORTER-Channel-Binding", Buffer.alloc(0));
    const expected = asked && version === "TLSv1.3" ? mine : undefined;
    assert.deepEqual(dialogue.tls?.exporter, expected, `${version} ${asked}`);
    client.close();
  }
});

test("implicit TLS: the dialogue begins when the handshake is done and knows its facts", async (t) => {
  const ends = await (await new Ends().withTls()).listen(t);
  ends.implicitTls = true;
  const client = Client.tlsTo(ends.port);
  await client.hears("hello\r\n");
  const { peer, calls } = await ends.service.dialogue(0);
  assert.equal(peer.tls?.version, "TLSv1.3");
  assert.match(peer.tls?.cipher ?? "", /^TLS_[A-Z0-9_]+$/);
  await client.send("word\r\n").hears("word\r\n");
  assert.deepEqual(calls, ["start", "receive word\r\n"]);
});

test("who speaks in the clear where TLS is expected is closed, before and after a dialogue began", async (t) => {
  const ends = await (await new Ends().withTls()).listen(t);
  const { client, dialogue } = await ends.greeted();
  await client.send("STARTTLS\r\n").hears("go\r\n");
  await client.send("EHLO client.example\r\n").ends();
  await until(() => ends.gone === 1);
  assert.deepEqual(dialogue.calls, ["start", "receive STARTTLS\r\n", "closed"]);
  ends.implicitTls = true;
  await Client.to(ends.port).send("EHLO client.example\r\n").ends();
  await until(() => ends.gone === 2);
  assert.equal(ends.service.dialogues.length, 1);
});

test("what is no TLS, coming after the handshake, ends the connection and is logged", async (t) => {
  for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
    const ends = await (await new Ends().withTls()).listen(t);
    ends.implicitTls = true;
    const client = Client.to(ends.port);
    const raw = client.socket;
    await client.startTls({ minVersion: version, maxVersion: version }, carriedBy);
    await client.hears("hello\r\n");
    raw.write("EHLO client.example\r\n");
    await until(() => ends.gone === 1);
    const { calls } = await ends.service.dialogue(0);
    assert.deepEqual(calls, ["start", "closed"]);
    assert.deepEqual(ends.service.log.events("info"), ["connection error"]);
    assert.match(String(ends.service.log.lines[0]?.fields["problem"]), /^TLS: [a-z ]+$/);
    client.close();
  }
});

test("a handshake that is not finished is logged, whoever gave it up", async (t) => {
  const ends = await (await new Ends().withTls()).listen(t);
  ends.implicitTls = true;
  await Client.to(ends.port).send("EHLO client.example\r\n").ends();
  const left = Client.to(ends.port);
  left.socket.end();
  await left.ends();
  const silent = Client.to(ends.port);
  await until(() => ends.connections.length === 3);
  ends.sweepAfter(ends.service.handshakeMs + 1);
  await silent.ends();
  assert.deepEqual(
    ends.service.log.lines.map(({ event, fields }) => [event, fields["ip"], fields["problem"]]),
    [
      ["connection error", "127.0.0.1", "TLS: wrong version number"],
      ["connection error", "127.0.0.1", "the client left during the TLS handshake"],
      ["connection error", "127.0.0.1", "the TLS handshake took too long"],
    ],
  );
});

test("a client that closes its side within TLS still hears the answers; one that does so in the handshake is gone", async (t) => {
  const ends = await (await new Ends().withTls()).listen(t);
  const { client, dialogue } = await ends.greeted();
  await client.send("STARTTLS\r\n").hears("go\r\n");
  await client.startTls({ allowHalfOpen: true } as object); // known to sockets, missing in the types
  await client.hears("secure\r\n");
  client.socket.end("last words\r\n");
  assert.match(await client.ends(), /last words\r\ndone\r\n$/);
  await until(() => ends.gone === 1);
  assert.deepEqual(dialogue.calls.slice(-2), ["finished", "closed"]);
  ends.implicitTls = true;
  const silent = Client.to(ends.port);
  silent.socket.end();
  assert.equal(await silent.ends(), "");
  await until(() => ends.gone === 2);
});

test("a client that has closed its side before we read that it wants TLS is gone", async (t) => {
  const ends = await (await new Ends().withTls()).listen(t);
  const { client, dialogue } = await ends.greeted();
  dialogue.wire.pause();
  client.socket.end("STARTTLS\r\n");
  await someTurns();
  dialogue.wire.resume();
  assert.equal(await client.ends(), "hello\r\ngo\r\n");
  await until(() => ends.gone === 1);
});

test("TLS where there is no certificate is a bug of whoever began it, and ends the connection", async (t) => {
  const ends = await new Ends().listen(t);
  const { client } = await ends.greeted();
  await client.send("STARTTLS\r\n").ends();
  assert.deepEqual(ends.service.log.events("error"), ["session failed"]);
});

// ---- Time ----

test("progress renews the patience, silence uses it up, and only then is there a timeout", async (t) => {
  const ends = await new Ends().listen(t);
  const { client, dialogue } = await ends.greeted();
  ends.sweepAfter(1000);
  dialogue.heard++;
  ends.sweepAfter(1000);
  ends.sweepAfter(1000);
  assert.ok(!dialogue.calls.includes("timeout"));
  ends.sweepAfter(1);
  assert.equal(await client.ends(), "hello\r\ntoo slow\r\n");
});

test("while the dialogue waits for us no time is counted: not as silence, not as age", async (t) => {
  const ends = await new Ends().listen(t);
  const { client, dialogue } = await ends.greeted();
  dialogue.patience = undefined;
  for (let i = 0; i < 3; i++) ends.sweepAfter(ends.service.sessionMs);
  assert.ok(!dialogue.calls.includes("timeout"));
  dialogue.patience = 1000;
  ends.sweepAfter(0);
  assert.equal(
    await client.ends(),
    "hello\r\ntoo slow\r\n",
    "it is the client's turn, and too old",
  );
});

test("after we were waited for, the client has its whole patience again", async (t) => {
  const ends = await new Ends().listen(t);
  const { dialogue } = await ends.greeted();
  dialogue.patience = undefined;
  ends.sweepAfter(100_000);
  dialogue.patience = 1000;
  ends.sweepAfter(1000);
  assert.ok(!dialogue.calls.includes("timeout"));
  ends.sweepAfter(1);
  assert.ok(dialogue.calls.includes("timeout"));
});

test("a session that always gets on is over all the same when it is too old", async (t) => {
  const ends = await new Ends().listen(t);
  const { client, dialogue } = await ends.greeted();
  for (let passed = 0; passed < ends.service.sessionMs; passed += 1000) {
    dialogue.heard++;
    ends.sweepAfter(1000);
  }
  assert.ok(!dialogue.calls.includes("timeout"));
  dialogue.heard++;
  ends.sweepAfter(1);
  assert.equal(await client.ends(), "hello\r\ntoo slow\r\n");
});

test("a client that does not close after the end is dropped after a while", async (t) => {
  const ends = await new Ends().listen(t);
  const client = Client.to(ends.port, { allowHalfOpen: true });
  await client.hears("hello\r\n");
  await client.send("QUIT\r\n").hears("bye\r\n");
  ends.sweepAfter(LINGER_MS);
  await someTurns();
  assert.equal(ends.gone, 0);
  ends.sweepAfter(1);
  await until(() => ends.gone === 1);
  client.close();
});

test("a handshake that does not come to an end is dropped after a while", async (t) => {
  const ends = await (await new Ends().withTls()).listen(t);
  ends.implicitTls = true;
  const client = Client.to(ends.port);
  await until(() => ends.connections.length === 1);
  ends.sweepAfter(ends.service.handshakeMs);
  await someTurns();
  assert.equal(ends.gone, 0);
  ends.sweepAfter(1);
  assert.equal(await client.ends(), "");
});

test("a dialogue whose handshake does not come to an end knows that the time was over", async (t) => {
  const ends = await (await new Ends().withTls()).listen(t);
  const { client, dialogue } = await ends.greeted();
  await client.send("STARTTLS\r\n").hears("go\r\n");
  ends.sweepAfter(ends.service.handshakeMs + 1);
  await until(() => ends.gone === 1);
  assert.deepEqual(dialogue.calls.slice(-2), ["timeout", "closed"]);
  await client.ends();
});

test("where it is crowded, who is silent or does not finish a handshake is gone sooner", async (t) => {
  const ends = await (await new Ends().withTls()).listen(t);
  const { client, dialogue } = await ends.greeted();
  ends.sweepAfter(dialogue.crowdedPatience + 1);
  assert.ok(!dialogue.calls.includes("timeout"));
  ends.crowded = true;
  ends.sweepAfter(0);
  assert.equal(await client.ends(), "hello\r\ntoo slow\r\n");
  ends.implicitTls = true;
  const slow = Client.to(ends.port);
  await until(() => ends.connections.length === 2);
  ends.sweepAfter(ends.service.crowdedMs);
  await someTurns();
  assert.equal(ends.gone, 1);
  ends.sweepAfter(1);
  assert.equal(await slow.ends(), "");
});

// ---- Bugs ----

test("an exception in any call ends that connection, is logged, and disturbs nobody else", async (t) => {
  const ends = await new Ends().listen(t);
  const { client: other } = await ends.greeted();
  const calls: Readonly<Record<string, (client: Client, dialogue: EchoDialogue) => void>> = {
    "receive THROW\r\n": (client) => client.send("THROW\r\n"),
    timeout: () => ends.sweepAfter(1001),
    shutdown: () => ends.connections.at(-1)?.shutdown(),
    closed: (client) => client.close(),
    drained: (client, dialogue) => {
      client.socket.pause();
      while (dialogue.wire.write(Buffer.alloc(1_000_000))); // until it is full
      client.socket.resume();
    },
  };
  for (const [name, provoke] of Object.entries(calls)) {
    const [gone, failed] = [ends.gone, ends.service.log.events("error").length];
    ends.service.bug = name;
    const { client, dialogue } = await ends.greeted();
    const first = ends.service.dialogues[0];
    if (first !== undefined) first.heard++; // it is never silent
    provoke(client, dialogue);
    await client.ends();
    await until(() => ends.gone === gone + 1);
    assert.equal(dialogue.calls.at(-1), "closed", name);
    const [line, ...more] = ends.service.log.lines
      .filter(({ level }) => level === "error")
      .slice(failed);
    assert.equal(more.length, 0, name);
    assert.equal(line?.event, "session failed", name);
    assert.deepEqual([line.fields["ip"], line.fields["listener"]], ["127.0.0.1", "echo"]);
    assert.match(String(line.fields["problem"]), /^a bug/);
    assert.match(String(line.fields["stack"]), /echo\.ts/);
  }
  await other.send("well\r\n").hears("well\r\n");
});

test("an exception at the very beginning ends the connection too", async (t) => {
  const ends = await new Ends().listen(t);
  for (const bug of ["open", "start"]) {
    ends.service.bug = bug;
    await Client.to(ends.port).ends();
  }
  await until(() => ends.gone === 2);
  assert.deepEqual(ends.service.log.events("error"), ["session failed", "session failed"]);
});

test("an exception after a handshake ends the connection too", async (t) => {
  const ends = await (await new Ends().withTls()).listen(t);
  ends.implicitTls = true;
  ends.service.bug = "start";
  await Client.tlsTo(ends.port).ends();
  await until(() => ends.gone === 1);
  assert.deepEqual(ends.service.log.events("error"), ["session failed"]);
});

/** Asks at the first octet; breaks when it is answered, or says so. */
class Asks implements Session<"ask", "ended", "answer"> {
  start = (): Steps<"ask", "ended"> => [{ kind: "send", data: "hello\r\n" }];
  receive = (): Steps<"ask", "ended"> => [{ kind: "ask", ask: "ask" }];
  answer: () => Steps<"ask", "ended">;
  drained = (): Steps<"ask", "ended"> => NO_STEPS;
  secured = (): Steps<"ask", "ended"> => NO_STEPS;
  timeout = (): Steps<"ask", "ended"> => [CLOSE];
  shutdown = (): Steps<"ask", "ended"> => [CLOSE];
  closed = (): Steps<"ask", "ended"> => [{ kind: "tell", tell: "ended" }];
  patienceMs = (): number => 1000;
  progress = (): number => 0;

  constructor(answer: () => Steps<"ask", "ended">) {
    this.answer = answer;
  }
}

/** A desk whose answers are given when the test says so. */
class LateDesk {
  readonly told: string[] = [];
  readonly #replies: ((answer: "answer") => void)[] = [];

  ask(_ask: "ask", reply: (answer: "answer") => void): void {
    this.#replies.push(reply);
  }

  tell(tell: string): void {
    this.told.push(tell);
  }

  body(): boolean {
    return true;
  }

  async asked(): Promise<(answer: "answer") => void> {
    await until(() => this.#replies.length > 0);
    return this.#replies[0] ?? assert.fail();
  }
}

test("an exception in a late answer, where no call of ours is on the stack, ends the connection too", async (t) => {
  const ends = await new Ends().listen(t);
  const desk = new LateDesk();
  const breaks = (): never => {
    throw new Error("a bug in answer");
  };
  ends.open = (_peer, wire) => new Conversation(new Asks(breaks), desk, wire);
  const client = Client.to(ends.port);
  await client.hears("hello\r\n");
  client.send("x");
  (await desk.asked())("answer");
  await client.ends();
  await until(() => ends.gone === 1);
  assert.deepEqual(ends.service.log.events("error"), ["session failed"]);
  assert.deepEqual(desk.told, ["ended"]);
});

test("a late answer reaches a client that has closed its side meanwhile", async (t) => {
  const ends = await new Ends().listen(t);
  const desk = new LateDesk();
  const says = (): Steps<"ask", "ended"> => [{ kind: "send", data: "done\r\n" }];
  ends.open = (_peer, wire) => new Conversation(new Asks(says), desk, wire);
  const client = Client.to(ends.port);
  await client.hears("hello\r\n");
  client.socket.end("x");
  const reply = await desk.asked();
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(desk.told, []);
  reply("answer");
  assert.equal(await client.ends(), "hello\r\ndone\r\n");
  await until(() => ends.gone === 1);
  assert.deepEqual(desk.told, ["ended"]);
});
