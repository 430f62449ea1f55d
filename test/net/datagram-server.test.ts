/** A UDP port over loopback: what is answered, what breaks nothing, and who else may have the port. */
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { test, type TestContext } from "node:test";
import { DatagramServer, ListenError, type AnswersDatagrams } from "../../src/net/index.ts";
import { MemoryLog, until } from "./echo.ts";

/** Says what it hears, and who has said it; nothing to "hush"; breaks at "bug". */
class Echo implements AnswersDatagrams {
  readonly out = Buffer.alloc(2000);
  heard = 0;

  answer(question: Uint8Array, from: string): number {
    this.heard++;
    const text = Buffer.from(question).toString("latin1");
    if (text === "bug") throw new Error("a bug");
    return text === "hush" ? 0 : this.out.write(`${from} ${text}`);
  }
}

async function client(t: TestContext, port: number, address = "127.0.0.1", from = address) {
  const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
  const heard: string[] = [];
  socket.on("message", (message) => heard.push(message.toString("latin1")));
  socket.bind(0, from);
  await once(socket, "listening");
  socket.connect(port, address);
  await once(socket, "connect");
  t.after(() => socket.close());
  return { heard, say: (text: string) => socket.send(text) };
}

interface Wanted {
  readonly address?: string;
  readonly port?: number;
  readonly how?: (typeof HOW)[number];
}

/** Many datagrams in one call where the system has that, and as Node reads them. */
const HOW = ["at best", "one by one"] as const;

async function serve(
  t: TestContext,
  { address = "127.0.0.1", port = 0, how = "at best" }: Wanted = {},
) {
  const [echo, log] = [new Echo(), new MemoryLog()];
  const wanted = { setting: "listen.dns", address, port };
  const open = await DatagramServer.open(wanted, echo, log, how);
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => (closed ??= open.close());
  t.after(close);
  return { echo, log, port: open.port, sharing: open.sharing, close };
}

for (const how of HOW)
  for (const address of ["127.0.0.1", "::1"])
    test(`each question has its answer, from ${address} (${how})`, async (t) => {
      const { port } = await serve(t, { address, how });
      const { heard, say } = await client(t, port, address);
      const texts = Array.from({ length: 100 }, (_, i) => `question ${i} ${"x".repeat(i)}`);
      for (const text of texts) say(text);
      await until(() => heard.length === texts.length);
      assert.deepEqual(heard.toSorted(), texts.map((text) => `${address} ${text}`).toSorted());
    });

for (const how of HOW)
  test(`each client has his own answer, from his own address, whoever else asks meanwhile (${how})`, async (t) => {
    const { port } = await serve(t, { how });
    const places = Array.from({ length: 40 }, (_, i) => `127.0.0.${1 + (i % 7)}`);
    const clients = await Promise.all(places.map((place) => client(t, port, "127.0.0.1", place)));
    for (let i = 0; i < 5; i++) for (const [j, { say }] of clients.entries()) say(`${j}`);
    await until(() => clients.every(({ heard }) => heard.length === 5));
    for (const [j, { heard }] of clients.entries()) assert.deepEqual(new Set(heard), new Set([`${places[j]} ${j}`])); // prettier-ignore
  });

for (const how of HOW)
  test(`silence, and a question that breaks the answerer, cost the next one nothing (${how})`, async (t) => {
    const { port, log, echo } = await serve(t, { how });
    const { heard, say } = await client(t, port);
    for (const text of ["first", "hush", "bug", "between", "hush", "after"]) say(text);
    await until(() => echo.heard === 6 && heard.length === 3);
    assert.deepEqual(
      heard,
      ["first", "between", "after"].map((text) => `127.0.0.1 ${text}`),
    );
    const [line, ...others] = log.lines.filter(({ level }) => level === "error");
    assert.equal(line?.event, "question not answered");
    assert.equal(line?.fields?.["question"], Buffer.from("bug").toString("hex"));
    assert.deepEqual(others, []);
  });

test("what is longer than any question is not cut and answered", async (t) => {
  const { port, echo } = await serve(t);
  const { heard, say } = await client(t, port);
  for (const text of ["first", "x".repeat(5000), "after"]) say(text);
  await until(() => heard.length >= 2 && echo.heard >= 2);
  assert.deepEqual(heard, ["127.0.0.1 first", "127.0.0.1 after"]);
});

test("several have the same port where the system shares it out", async (t) => {
  const first = await serve(t);
  if (first.sharing === "alone") return; // and says so
  const second = await serve(t, { port: first.port });
  assert.equal(second.port, first.port);
  const clients = await Promise.all(Array.from({ length: 40 }, () => client(t, first.port)));
  for (const { say } of clients) say("x");
  await until(() => clients.every(({ heard }) => heard.length === 1));
  assert.equal(first.echo.heard + second.echo.heard, 40);
  assert.ok(first.echo.heard > 0 && second.echo.heard > 0);
});

test("a port that another program has is told in words", async (t) => {
  const other = createSocket("udp4");
  other.bind(0, "127.0.0.1");
  await once(other, "listening");
  t.after(() => other.close());
  const { port } = other.address();
  await assert.rejects(
    serve(t, { port }),
    (error) =>
      error instanceof ListenError &&
      error.message.includes(`127.0.0.1 port ${port} (setting listen.dns): another program`),
  );
});

for (const how of HOW)
  test(`what had come before the end is answered (${how})`, async (t) => {
    const { port, close } = await serve(t, { how });
    const { heard, say } = await client(t, port);
    for (let i = 0; i < 50; i++) say("late");
    await close();
    await until(() => heard.length === 50);
  });
