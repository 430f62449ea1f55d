/** HTTP over real sockets: what a connection may say, in which pieces, for how long, and how it ends. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createSecureContext } from "node:tls";
import {
  HttpDialogue,
  makeSelfSigned,
  type HttpRequest,
  type HttpResponse,
} from "../../src/net/index.ts";
import { parseIp } from "../../src/mail/index.ts";
import type { Wire } from "../../src/protocol/dialogue/index.ts";
import { silentLog } from "../../src/runtime/index.ts";
import { Client, until } from "./echo.ts";
import { END, LIMITS, Site, statuses } from "./http-site.ts";

test("one request after the other is answered, host and path as they were said, the query left out", async (t) => {
  const site = await new Site().listen(t);
  const client = site.client().send("GET /one?two=three HTTP/1.1\r\nHost: A.example:80\r\n\r\n");
  const said = await client.hears("you: /one\n");
  assert.match(said, /^HTTP\/1\.1 200 OK\r\nContent-Type: text\/plain\r\nContent-Length: 10\r\n/);
  client.send(`HEAD http://b.example/two HTTP/1.1\r\nHost: c.example\r\n${END}`);
  assert.match(await client.ends(), /\r\n\r\n$/);
  const ip = parseIp("127.0.0.1");
  const unsaid = { ip, accept: "", origin: "", fetchSite: "" };
  assert.deepEqual(site.requests, [
    { method: "GET", authority: "A.example:80", path: "/one", query: "two=three", ...unsaid },
    { method: "HEAD", authority: "b.example", path: "/two", query: "", ...unsaid },
  ]);
  await until(() => site.net.connections === 0);
  assert.deepEqual(
    site.log.lines.filter(({ event }) => event === "web request").map(({ fields }) => fields),
    [
      {
        ip: "127.0.0.1",
        listener: "http",
        method: "GET",
        host: "A.example:80",
        path: "/one",
        status: 200,
      },
      {
        ip: "127.0.0.1",
        listener: "http",
        method: "HEAD",
        host: "b.example",
        path: "/two",
        status: 200,
      },
    ],
  );
});

test("requests may come in one piece, octet by octet, or before the client closes its side", async (t) => {
  const site = await new Site().listen(t);
  const get = (path: string, more = "\r\n"): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n${more}`;
  const pipelined = site.client().send(get("/1") + get("/2") + get("/3", END));
  assert.deepEqual(statuses(await pipelined.ends()), ["200", "200", "200 end"]);
  assert.match(pipelined.text, /you: \/1\n[^]*you: \/2\n[^]*you: \/3\n$/);
  const slow = site.client();
  for (const octet of get("/4", END)) {
    slow.send(octet);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.match(await slow.ends(), /you: \/4\n$/);
  const closing = site.client();
  closing.socket.end(get("/5") + get("/6"));
  assert.match(await closing.ends(), /you: \/5\n[^]*you: \/6\n$/);
});

test("HTTP/1.0 is answered and ends, with a host or without", async (t) => {
  const site = await new Site().listen(t);
  for (const [field, authority] of [
    ["", undefined],
    ["Host: a\r\n", "a"],
  ] as const) {
    const said = await site.client().send(`GET / HTTP/1.0\r\n${field}\r\n`).ends();
    assert.deepEqual(statuses(said), ["200 end"]);
    assert.equal(site.requests.at(-1)?.authority, authority);
  }
});

test("a body is not read: the answer is the last", async (t) => {
  const site = await new Site().listen(t);
  const post = "POST / HTTP/1.1\r\nHost: a\r\n";
  for (const request of [
    `${post}Content-Length: 5\r\n\r\nhello`,
    `${post}Content-Length: 1000000000\r\n\r\n${"x".repeat(100_000)}`,
    `${post}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
    `${post}Content-Length: 5\r\nExpect: 100-continue\r\n\r\n`,
    "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 40\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n    ",
  ]) {
    assert.deepEqual(
      statuses(await site.client().send(request).ends()),
      ["200 end"],
      request.slice(0, 80),
    );
  }
  assert.ok(site.requests.every(({ path }) => path === "/"));
});

/** Octets, and the status they are refused with. */
const HOSTILE: readonly (readonly [string, string])[] = [
  ["\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", "400 end"], // TLS
  ["EHLO client.example\r\n", "400 end"],
  ["\x00".repeat(3000), "400 end"],
  ["GET / HTTP/1.1\r\n\r\n", "400 end"], // no host
  ["GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400 end"],
  ["GET / HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n", "400 end"],
  ["GET / HTTP/1.1\nHost: a\n\n", "400 end"],
  [
    "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    "400 end",
  ],
  ["GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", "400 end"],
  ["GET / HTTP/9.9\r\nHost: a\r\n\r\n", "400 end"],
  [`GET /${"x".repeat(3000)} HTTP/1.1\r\nHost: a\r\n\r\n`, "431 end"],
  [`GET / HTTP/1.1\r\nHost: a\r\n${"X: yyyyyyyy\r\n".repeat(600)}\r\n`, "431 end"],
  [`GET / HTTP/1.1\r\nHost: a\r\nX: ${"y".repeat(100_000)}`, "431 end"],
  [
    "CONNECT mx.foreign.example:25 HTTP/1.1\r\nHost: mx.foreign.example:25\r\n\r\nEHLO a\r\n",
    "405 end",
  ],
  ["GET / HTTP/1.1\r\nHost: a\r\nExpect: the worst\r\nConnection: close\r\n\r\n", "417 end"],
  ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "400 end"],
];

test("what is no request is refused and the connection ends; the next one is served", async (t) => {
  const site = await new Site().listen(t);
  for (const [octets, expected] of HOSTILE) {
    const said = await site.client().send(Buffer.from(octets, "latin1")).ends();
    assert.deepEqual(statuses(said).join(), expected, JSON.stringify(octets.slice(0, 80)));
  }
  assert.ok(site.requests.length === 0, JSON.stringify(site.requests));
  const good = site.client().send(`GET / HTTP/1.1\r\nHost: a\r\n${END}`);
  assert.deepEqual(statuses(await good.ends()), ["200 end"]);
  await until(() => site.net.connections === 0);
  assert.deepEqual(site.log.events("error"), []);
});

test("an upgrade is not taken up, the request is", async (t) => {
  const site = await new Site().listen(t);
  const fields = "Host: a\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n";
  const said = await site.client().send(`GET /up HTTP/1.1\r\n${fields}`).ends();
  assert.match(said, /^HTTP\/1\.1 200 [^]*you: \/up\n$/);
});

test("a connection has so many requests and no more", async (t) => {
  const site = await new Site().listen(t);
  const many = "GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(1000);
  const said = statuses(await site.client().send(many).ends());
  assert.deepEqual(said, ["200", "200", "200", "200", "200 end"]);
  assert.equal(site.requests.length, 5);
});

test("an answer that cannot be made is 500, and is told to the operator", async (t) => {
  const site = await new Site().listen(t);
  site.answer = () => {
    throw new Error("the store is gone");
  };
  const said = await site.client().send(`GET / HTTP/1.1\r\nHost: a\r\n${END}`).ends();
  assert.deepEqual(statuses(said), ["500 end"]);
  assert.deepEqual(site.log.events("error"), ["web request failed"]);
});

test("who takes too long for a request is told so, and is gone, however it dribbles", async (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const site = await new Site().listen(t);
  const client = site.client().send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  await client.hears("you: /\n");
  for (const text of ["GET / HT", "TP/1.1\r\n", "X: y\r\n"]) {
    site.clock.advance(3000);
    client.send(text);
    t.mock.timers.tick(1000);
  }
  assert.equal(site.net.connections, 1);
  // The last piece has arrived when another connection, opened after it, has its answer.
  await site.client().send(`GET / HTTP/1.1\r\nHost: a\r\n${END}`).ends();
  site.clock.advance(5000);
  t.mock.timers.tick(1000);
  assert.deepEqual(statuses(await client.ends()), ["200", "408 end"]);
});

test("who says nothing is gone without a word", async (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const site = await new Site().listen(t);
  const client = site.client();
  await until(() => site.net.connections === 1);
  site.clock.advance(LIMITS.requestMs + 1);
  t.mock.timers.tick(1000);
  assert.equal(await client.ends(), "");
});

test("who comes when there are too many is told so", async (t) => {
  const site = await new Site(1).listen(t);
  const first = site.client().send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  await first.hears("you: /\n");
  assert.deepEqual(statuses(await site.client().ends()), ["503 end"]);
});

test("a client that reads nothing is not written to for ever", async (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const site = await new Site().listen(t);
  const body = "x".repeat(16_777_216);
  site.answer = () => ({ status: 200, fields: {}, body });
  const client = site.client();
  client.socket.pause();
  client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(5));
  await until(() => site.log.events("info").includes("web request"));
  site.clock.advance(LIMITS.requestMs + 1);
  t.mock.timers.tick(1000);
  site.clock.advance(10_000); // the time in which it might take our last words
  t.mock.timers.tick(1000);
  client.socket.resume();
  await client.ends();
  assert.ok(client.text.length < 5 * body.length);
});

test("while the wire is full nothing is written, and what keeps coming waits in the network", async () => {
  const calls: string[] = [];
  const wire: Wire = {
    write: (data) => {
      calls.push(`write ${data.length > 65_536 ? "much" : "little"}`);
      return false;
    },
    startTls: () => assert.fail(),
    pause: () => void calls.push("pause"),
    resume: () => {},
    end: () => void calls.push("end"),
  };
  const answer = ({ path }: HttpRequest): HttpResponse => ({
    status: 200,
    fields: {},
    body: "x".repeat(path === "/much" ? 100_000 : 1),
  });
  const peer = { ip: parseIp("192.0.2.1") ?? assert.fail(), port: 1, listener: "http" };
  const dialogue = new HttpDialogue({ answer, limits: LIMITS, log: silentLog }, peer, wire);
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  dialogue.start();
  await turn();
  dialogue.receive(
    Buffer.from("GET /much HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
  );
  await turn();
  assert.deepEqual(calls, ["write much"]);
  const many = "GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(2500);
  for (let i = 0; i < 3; i++) dialogue.receive(Buffer.from(many));
  assert.deepEqual(calls.slice(0, 2), ["write much", "pause"]);
  assert.equal(dialogue.progress(), 0);
  dialogue.drained();
  await turn();
  assert.equal(calls.at(-1), "write little");
  assert.equal(dialogue.progress(), 1);
  dialogue.closed();
  await turn();
  assert.equal(calls.at(-1), "end");
});

test("a stop ends what is idle at once", async (t) => {
  const site = await new Site().listen(t);
  const client = site.client().send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  await client.hears("you: /\n");
  const stopped = site.net.stop(60_000);
  await client.ends();
  await stopped;
});

test("over TLS it is the same", async (t) => {
  const { certificate: cert, key } = await makeSelfSigned("a.example", Date.now());
  const context = createSecureContext({ cert, key });
  const site = await new Site().listen(t, { implicitTls: true }, () => context);
  const client = Client.tlsTo(site.port, { ALPNProtocols: ["h2", "http/1.1"] });
  client.send(`GET /tls HTTP/1.1\r\nHost: a.example\r\n${END}`);
  assert.match(await client.ends(), /^HTTP\/1\.1 200 [^]*you: \/tls\n$/);
  const plain = site.client().send(`GET / HTTP/1.1\r\nHost: a.example\r\n${END}`);
  assert.doesNotMatch(await plain.ends(), /HTTP/);
});
