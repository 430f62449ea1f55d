/** Questions over real sockets: a port for each, nobody else is heard, streams in pieces, what is not there. */
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { describe, test, type TestContext } from "node:test";
import { SocketCarrier } from "../../src/net/dns-carrier.ts";
import { QUESTIONS_A_SOCKET } from "../../src/net/dns-near.ts";
import { NetResolver } from "../../src/net/index.ts";
import { dnsSchema } from "../../src/net/settings.ts";
import { parseName, type DnsName } from "../../src/protocol/dns/index.ts";
import { systemClock, systemRandom } from "../../src/runtime/index.ts";
import { answerTo, asking, FLAGS, record, txt, type Message } from "../protocol/dns/message.ts";
import { DnsServer, type Arrived } from "./dns-server.ts";

const FOUND: Partial<Message> = { answers: [record("example.org", "A", [192, 0, 2, 7])] };
const ADDRESS = {
  kind: "found",
  name: "example.org",
  records: ["192.0.2.7"],
  ttl: 300,
  authentic: false,
};

function name(text: string): DnsName {
  const parsed = parseName(text);
  assert.ok(parsed !== undefined, text);
  return parsed;
}

const EXAMPLE = name("example.org");

/** A resolver that asks these ports as if they were far; short of patience only where a test is about silence. */
function resolverOf(t: TestContext, ports: readonly number[], settings: object = {}): NetResolver {
  return resolverBy(t, ports, new SocketCarrier(() => false), settings);
}

function resolverBy(
  t: TestContext,
  ports: readonly number[],
  carrier: SocketCarrier,
  settings: object = {},
): NetResolver {
  const servers = ports.map((port) => ({ host: "127.0.0.1", port }));
  const machine = { clock: systemClock, random: systemRandom, carrier };
  const patient = { attempt_ms: 20_000, deadline_ms: 20_000, ...settings };
  const resolver = new NetResolver(servers, dnsSchema.parse(patient), machine);
  t.after(() => resolver.close());
  return resolver;
}

/** A port on which nobody listens any more. */
/** In no letter as it was asked, whatever chance had made of it. */
function otherCase(text: string): string {
  return text.replaceAll(/[a-z]/gi, (letter) =>
    letter < "a" ? letter.toLowerCase() : letter.toUpperCase(),
  );
}

/** Below those that the system gives to whoever asks for any: nobody else gets it meanwhile. */
async function emptyPort(): Promise<number> {
  const port = randomInt(20_000, 30_000);
  const socket = createSocket("udp4");
  try {
    socket.bind(port, "127.0.0.1");
    await once(socket, "listening");
    return port;
  } catch {
    return await emptyPort();
  } finally {
    socket.close();
  }
}

test("a question is answered by datagram", async (t) => {
  const server = await DnsServer.start(t, (question) => [answerTo(question, FOUND)]);
  assert.deepEqual(await resolverOf(t, [server.port]).resolve(EXAMPLE, "A"), ADDRESS);
  assert.deepEqual(server.manners, ["udp edns"]);
});

test("each question comes from a port of its own", async (t) => {
  const server = await DnsServer.start(t, (question) => [answerTo(question)]);
  const resolver = resolverOf(t, [server.port]);
  const names = Array.from({ length: 20 }, (_, n) => name(`n${n}.example`));
  await Promise.all(names.map((one) => resolver.resolve(one, "A")));
  assert.equal(new Set(server.arrived.map(({ port }) => port)).size, 20);
});

test("strays are passed over, the answer behind them is taken", async (t) => {
  const strays = (question: Arrived): Uint8Array[] => [
    answerTo(question, { ...FOUND, id: question.id ^ 1 }),
    answerTo(question, { ...FOUND, questions: [asking("evil.example", 1)] }),
    Uint8Array.of(),
    Uint8Array.from({ length: 600 }, (_, n) => n % 256),
    question.octets,
  ];
  const server = await DnsServer.start(t, (question) => [
    ...strays(question),
    answerTo(question, FOUND),
  ]);
  assert.deepEqual(await resolverOf(t, [server.port]).resolve(EXAMPLE, "A"), ADDRESS);
  assert.deepEqual(server.manners, ["udp edns"]);
});

test("so many strays that somebody is guessing: TCP", async (t) => {
  const server = await DnsServer.start(t, (question) => {
    if (question.manner.transport === "tcp") return [answerTo(question, FOUND)];
    return Array.from({ length: 16 }, (_, n) => answerTo(question, { id: question.id ^ (n + 1) }));
  });
  assert.deepEqual(await resolverOf(t, [server.port]).resolve(EXAMPLE, "A"), ADDRESS);
  assert.deepEqual(server.manners, ["udp edns", "tcp edns"]);
});

test("nobody but the server is heard", async (t) => {
  const stranger = createSocket("udp4");
  t.after(() => stranger.close());
  const server = await DnsServer.start(t, (question) => {
    if (question.manner.transport === "tcp") return [];
    const forged = { answers: [record("example.org", "A", [192, 0, 2, 66])] };
    stranger.send(answerTo(question, forged), question.port, "127.0.0.1", () => {
      // Only when the forged answer has left does the true one follow.
      server.reply(answerTo(question, FOUND), question.port);
    });
    return [];
  });
  assert.deepEqual(await resolverOf(t, [server.port]).resolve(EXAMPLE, "A"), ADDRESS);
});

describe("TCP", () => {
  const long = {
    answers: [
      record("example.org", "TXT", Array.from({ length: 250 }, () => txt("x".repeat(255))).flat()),
    ],
  };

  test("takes over what is cut, whole and in pieces", async (t) => {
    const server = await DnsServer.start(t, (question) => [
      question.manner.transport === "tcp"
        ? answerTo(question, long)
        : answerTo(question, { flags: FLAGS.answer | FLAGS.truncated }),
    ]);
    const found = await resolverOf(t, [server.port]).resolve(EXAMPLE, "TXT");
    assert.ok(found.kind === "found");
    assert.equal(found.records[0]?.length, 250 * 255);
    assert.deepEqual(server.manners, ["udp edns", "tcp edns"]);
  });

  test("takes over from a datagram that is too long, or folds the name", async (t) => {
    const folded = ({ spelling }: Arrived) => ({
      ...FOUND,
      questions: [asking(otherCase(spelling), 1)],
    });
    const far = {
      additionals: Array.from({ length: 100 }, () => record("example.org", "A", [192, 0, 2, 7])),
    };
    for (const odd of [folded, () => far]) {
      const server = await DnsServer.start(t, (question) => [
        answerTo(question, question.manner.transport === "tcp" ? FOUND : odd(question)),
      ]);
      assert.deepEqual(
        await resolverOf(t, [server.port]).resolve(name("example.org"), "A"),
        ADDRESS,
      );
      assert.deepEqual(server.manners, ["udp edns", "tcp edns"]);
    }
  });

  test("that ends before its answer, or has none for us", async (t) => {
    const cut = { flags: FLAGS.answer | FLAGS.truncated };
    const unreachable = { kind: "failed", why: "unreachable" };
    const server = await DnsServer.start(t, (question) =>
      question.manner.transport === "tcp" ? [] : [answerTo(question, cut)],
    );
    server.hangsUp = true;
    assert.deepEqual(await resolverOf(t, [server.port]).resolve(EXAMPLE, "A"), unreachable);
    server.hangsUp = false;
    server.script = (question) =>
      question.manner.transport === "tcp"
        ? [answerTo(question, { ...FOUND, id: question.id ^ 1 })]
        : [answerTo(question, cut)];
    const malformed = { kind: "failed", why: "malformed" };
    assert.deepEqual(await resolverOf(t, [server.port]).resolve(EXAMPLE, "A"), malformed);
  });
});

describe("what is not there", () => {
  test("a port on which nobody listens, and then a server", async (t) => {
    const server = await DnsServer.start(t, (question) => [answerTo(question, FOUND)]);
    const nobody = await emptyPort();
    assert.deepEqual(await resolverOf(t, [nobody, server.port]).resolve(EXAMPLE, "A"), ADDRESS);
    const unreachable = { kind: "failed", why: "unreachable" };
    assert.deepEqual(await resolverOf(t, [nobody]).resolve(EXAMPLE, "A"), unreachable);
  });

  test("an answer: the deadline ends the question", async (t) => {
    const server = await DnsServer.start(t);
    const resolver = resolverOf(t, [server.port], { attempt_ms: 30, deadline_ms: 50 });
    assert.deepEqual(await resolver.resolve(EXAMPLE, "A"), { kind: "failed", why: "timeout" });
    assert.ok(server.arrived.length > 0);
  });

  test("a server that wakes up is heard the second time", async (t) => {
    const server = await DnsServer.start(t, (question) =>
      server.arrived.length > 1 ? [answerTo(question, FOUND)] : [],
    );
    const resolver = resolverOf(t, [server.port], { attempt_ms: 500 });
    assert.deepEqual(await resolver.resolve(EXAMPLE, "A"), ADDRESS);
  });
});

describe("a server on this machine", () => {
  const addressOf = (n: number): Message["answers"] => [
    record(`n${n}.example`, "A", [192, 0, 2, n]),
  ];

  test("is asked by one socket as long as the answers find room in it, and each is given to whoever asked", async (t) => {
    const waiting: Arrived[] = [];
    const server = await DnsServer.start(t, (question) => {
      waiting.push(question);
      if (waiting.length < 2 * QUESTIONS_A_SOCKET) return [];
      for (const one of waiting.toReversed()) {
        const n = Number(/[0-9]+/.exec(one.name)?.[0]);
        server.reply(answerTo(one, { answers: addressOf(n) }), one.port);
      }
      return [];
    });
    const resolver = resolverBy(t, [server.port], new SocketCarrier());
    const numbers = Array.from({ length: 2 * QUESTIONS_A_SOCKET }, (_, n) => n);
    const found = await Promise.all(
      numbers.map((n) => resolver.resolve(name(`n${n}.example`), "A")),
    );
    assert.deepEqual(
      found.map((one) => one.kind === "found" && one.records[0]),
      numbers.map((n) => `192.0.2.${n}`),
    );
    assert.equal(new Set(server.arrived.map(({ port }) => port)).size, 2);
  });

  test("is tried again when it is back, by another socket", async (t) => {
    const nobody = await emptyPort();
    const resolver = resolverBy(t, [nobody], new SocketCarrier());
    const unreachable = { kind: "failed", why: "unreachable" };
    assert.deepEqual(await resolver.resolve(name("one.example"), "A"), unreachable);
    const server = await DnsServer.start(t, (question) => [answerTo(question, FOUND)], nobody);
    assert.deepEqual(await resolver.resolve(EXAMPLE, "A"), ADDRESS);
    assert.equal(server.arrived.length, 1);
  });

  test("answers to nobody's question, and to another one, are passed over", async (t) => {
    const server = await DnsServer.start(t, (question) => [
      answerTo(question, { ...FOUND, id: question.id ^ 1 }),
      answerTo(question, { ...FOUND, questions: [asking("evil.example", 1)] }),
      Uint8Array.of(),
      answerTo(question, FOUND),
    ]);
    const resolver = resolverBy(t, [server.port], new SocketCarrier());
    assert.deepEqual(await resolver.resolve(EXAMPLE, "A"), ADDRESS);
  });

  test("is left alone by a resolver that is closed", async (t) => {
    const asked = Promise.withResolvers<void>();
    const server = await DnsServer.start(t, () => {
      asked.resolve();
      return [];
    });
    const resolver = resolverBy(t, [server.port], new SocketCarrier());
    const open = resolver.resolve(EXAMPLE, "A");
    await asked.promise;
    resolver.close();
    assert.deepEqual(await open, { kind: "failed", why: "closed" });
  });
});

test("a resolver that is closed lets go of its sockets", async (t) => {
  const asked = Promise.withResolvers<void>();
  const server = await DnsServer.start(t, () => {
    asked.resolve();
    return [];
  });
  const resolver = resolverOf(t, [server.port]);
  const open = resolver.resolve(EXAMPLE, "A");
  await asked.promise;
  resolver.close();
  assert.deepEqual(await open, { kind: "failed", why: "closed" });
  assert.equal(server.arrived.length, 1, "no second try");
});
