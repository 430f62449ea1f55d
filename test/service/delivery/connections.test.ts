/** Connections: used again, closed under us, limited, shared, and ended when delivery ends. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../../net/echo.ts";
import { ip, name, parcel, recipient, Rig, words } from "./rig.ts";
import { ScriptedServer, SERVER_TLS } from "../../support/scripted-server.ts";

const BOB = "bob@foreign.example";
const DELIVERED = /^delivered 250 2\.0\.0 queued as [0-9]+$/;

function assertDelivered(said: readonly string[]): void {
  for (const outcome of said) assert.match(outcome, DELIVERED);
}

test("a connection is used for the next message, and left after so many", async (t) => {
  const server = await ScriptedServer.open(t);
  const rig = new Rig(t, { port: server.port, messages_per_connection: 2 });
  rig.mx("foreign.example", "10 mx1 127.0.0.1");
  for (let i = 0; i < 3; i++) assertDelivered(words(await rig.attempt(BOB)));
  assert.deepEqual(
    server.talks.map(({ commands }) => commands.filter((line) => line === ".").length),
    [2, 1],
  );
  assert.equal(server.talks[0]?.commands.at(-1), "QUIT");
});

test("domains with the same servers share it, others do not", async (t) => {
  const server = await ScriptedServer.open(t);
  const rig = new Rig(t, { port: server.port });
  rig.dns.has(name("mx.host.example"), "A", [ip("127.0.0.1")]);
  rig.mx("foreign.example", "10 mx.host.example");
  rig.mx("other.example", "20 mx.host.example");
  rig.mx("third.example", "10 mx1 127.0.0.1");
  for (const at of ["foreign", "other", "third"]) await rig.attempt(`bob@${at}.example`);
  assert.deepEqual(
    server.talks.map(({ commands }) => commands.filter((line) => line === ".").length),
    [2, 1],
  );
});

for (const [how, answer] of [
  ["closed", "DROP"],
  ["left with 421", "LEAVE 421 4.4.2 idle for too long"],
] as const)
  test(`a connection that is ${how} when it is used again is no failure`, async (t) => {
    const server = await ScriptedServer.open(t, {
      answer: (command, { number, commands }) => {
        const second = commands.filter((line) => line.startsWith("MAIL")).length === 2;
        return number === 0 && second && command.startsWith("MAIL") ? answer : undefined;
      },
    });
    const rig = new Rig(t, { port: server.port }).mx("foreign.example", "10 mx1 127.0.0.1");
    for (let i = 0; i < 2; i++) assertDelivered(words(await rig.attempt(BOB)));
    assert.equal(server.talks.length, 2);
    assert.equal(server.messages.length, 2);
  });

test("one that was closed while it lay idle is forgotten", async (t) => {
  const server = await ScriptedServer.open(t);
  const rig = new Rig(t, { port: server.port }).mx("foreign.example", "10 mx1 127.0.0.1");
  await rig.attempt(BOB);
  server.hangUp();
  await until(() => server.open === 0);
  assertDelivered(words(await rig.attempt(BOB)));
  assert.equal(server.talks.length, 2);
});

test("a connection that breaks once the content is wanted is a failure, also when used again", async (t) => {
  const server = await ScriptedServer.open(t, {
    answer: (command, { commands }) =>
      command === "." && commands.filter((line) => line === ".").length === 2 ? "DROP" : undefined,
  });
  const rig = new Rig(t, { port: server.port }).mx("foreign.example", "10 mx1 127.0.0.1");
  await rig.attempt(BOB);
  assert.match(words(await rig.attempt(BOB))[0] ?? "", /^deferred in doubt 451 4\.4\.2 /);
  assert.equal(server.talks.length, 1);
});

test("an idle connection ends after its time", async (t) => {
  const server = await ScriptedServer.open(t);
  const rig = new Rig(t, { port: server.port, idle_seconds: 1 });
  rig.mx("foreign.example", "10 mx1 127.0.0.1");
  await rig.attempt(BOB);
  await until(() => server.open === 0);
  assert.equal(server.commands.at(-1), "QUIT");
});

test("never more connections than there may be: an idle one makes room, others wait", async (t) => {
  let most = 0;
  const server: ScriptedServer = await ScriptedServer.open(t, {
    answer: () => {
      most = Math.max(most, server.open);
      return undefined;
    },
  });
  const rig = new Rig(t, { port: server.port, connections: 1, waiting: 2 });
  for (const at of ["a", "b", "c"]) rig.mx(`${at}.example`, "10 mx1 127.0.0.1");
  assertDelivered(words(await rig.attempt("bob@a.example")));
  const three = await Promise.all(["a", "b", "c"].map((at) => rig.attempt(`bob@${at}.example`)));
  for (const attempt of three) assertDelivered(words(attempt));
  assert.equal(most, 1);
});

test("more that wait than may wait are deferred, and their destination is not to blame", async (t) => {
  const server = await ScriptedServer.open(t);
  const rig = new Rig(t, { port: server.port, connections: 1, waiting: 1 });
  for (const at of ["a", "b", "c"]) rig.mx(`${at}.example`, "10 mx1 127.0.0.1");
  const attempts = await Promise.all(["a", "b", "c"].map((at) => rig.attempt(`bob@${at}.example`)));
  assert.deepEqual(attempts.map(words), [
    ["delivered 250 2.0.0 queued as 1"],
    ["delivered 250 2.0.0 queued as 2"],
    ["deferred 451 4.3.2 too many deliveries wait for a connection"],
  ]);
  assert.equal(attempts[2]?.unreachable, false);
});

test("who waits for the same next hop gets the connection itself", async (t) => {
  const server = await ScriptedServer.open(t);
  const rig = new Rig(t, { port: server.port, connections: 1 });
  rig.mx("foreign.example", "10 mx1 127.0.0.1");
  await Promise.all(Array.from({ length: 5 }, () => rig.attempt(BOB)));
  assert.equal(server.messages.length, 5);
  assert.equal(server.talks.length, 1);
});

// ---- More recipients than a transaction takes ----

function crowd(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `r${i}@foreign.example`);
}

test("recipients beyond the limit go in another transaction of the same connection", async (t) => {
  const server = await ScriptedServer.open(t, { offers: ["PIPELINING", "LIMITS RCPTMAX=2"] });
  const rig = new Rig(t, { port: server.port, recipients: 3 });
  rig.mx("foreign.example", "10 mx1 127.0.0.1");
  assertDelivered(words(await rig.attempt(crowd(5))));
  assert.equal(server.messages.length, 3);
  assert.equal(server.talks.length, 1);
});

test("those that were one too many go next, as long as somebody gets on", async (t) => {
  const tooMany = "452 4.5.3 too many recipients";
  const server = await ScriptedServer.open(t, {
    answer: (command, { commands }) => {
      if (!command.startsWith("RCPT")) return undefined;
      if (command.includes("<r9@")) return tooMany;
      const since = commands.slice(commands.findLastIndex((line) => line.startsWith("MAIL")));
      return since.filter((line) => line.startsWith("RCPT")).length > 2 ? tooMany : undefined;
    },
  });
  const rig = new Rig(t, { port: server.port }).mx("foreign.example", "10 mx1 127.0.0.1");
  const attempt = await rig.attempt([...crowd(5), "r9@foreign.example"]);
  assertDelivered(words(attempt).slice(0, 5));
  assert.deepEqual(words(attempt).slice(5), [`deferred ${tooMany}`]);
});

test("a server that takes one transaction for each connection gets more connections", async (t) => {
  const server = await ScriptedServer.open(t, { offers: ["LIMITS MAILMAX=1 RCPTMAX=1"] });
  const rig = new Rig(t, { port: server.port }).mx("foreign.example", "10 mx1 127.0.0.1");
  assertDelivered(words(await rig.attempt(crowd(3))));
  assert.equal(server.talks.length, 3);
});

test("recipients whose turn had not come are deferred with the ones under way", async (t) => {
  const server = await ScriptedServer.open(t, {
    offers: ["LIMITS RCPTMAX=1"],
    answer: (command) => (command.includes("r1@") ? "421 4.3.2 leaving" : undefined),
  });
  const rig = new Rig(t, { port: server.port }).mx("foreign.example", "10 mx1 127.0.0.1");
  const [first = "", ...others] = words(await rig.attempt(crowd(3)));
  assert.match(first, DELIVERED);
  assert.deepEqual(
    others,
    Array.from({ length: 2 }, () => "deferred 421 4.3.2 leaving"),
  );
});

// ---- Routes ----

test("a route goes before the MX, and recipients go by the routes of now", async (t) => {
  const [inner, smart] = [await ScriptedServer.open(t), await ScriptedServer.open(t)];
  const rig = new Rig(t, { port: 1, private_addresses: "refuse" });
  const host = { kind: "name", name: name("inner.local.example") } as const;
  rig.dns.has(host.name, "A", [ip("127.0.0.1")]);
  const { domain } = recipient(BOB).grant;
  rig.routes.set(domain, { host, port: inner.port, tls: "opportunistic" });
  const address = { kind: "address", ip: ip("127.0.0.1") } as const;
  rig.routes.set("*", { host: address, port: smart.port, tls: "off" });
  assertDelivered(words(await rig.attempt([BOB, "bob@other.example", "bob@third.example"])));
  const rcpts = (server: ScriptedServer) => server.commands.filter((c) => c.startsWith("RCPT"));
  assert.deepEqual(rcpts(inner), ["RCPT TO:<bob@foreign.example>"]);
  assert.deepEqual(rcpts(smart), ["RCPT TO:<bob@other.example>", "RCPT TO:<bob@third.example>"]);
});

test("a smart host is logged in to once for each connection, over TLS; a refusal is a deferral", async (t) => {
  let answer = "235 2.7.0 welcome";
  const server = await ScriptedServer.open(t, {
    tls: await SERVER_TLS,
    offers: ["AUTH PLAIN"],
    answer: (command) => (command.startsWith("AUTH") ? answer : undefined),
  });
  const rig = new Rig(t, {});
  const host = { kind: "address", ip: ip("127.0.0.1") } as const;
  const login = { name: "me", password: "secret" };
  rig.routes.set("*", { host, port: server.port, tls: "required", login });
  for (let i = 0; i < 2; i++) assertDelivered(words(await rig.attempt(BOB)));
  const plain = `AUTH PLAIN ${Buffer.from("\0me\0secret").toString("base64")}`;
  assert.deepEqual(
    server.commands.filter((line) => line.startsWith("AUTH")),
    [plain],
  );
  answer = "535 5.7.8 no";
  server.hangUp();
  await until(() => server.open === 0);
  const refused = await rig.attempt(BOB);
  assert.deepEqual(words(refused), ["deferred 451 4.7.8 [127.0.0.1] refuses our login"]);
  assert.deepEqual(refused.outcomes[0]?.reply?.lines, ["535 5.7.8 no"]);
});

test("a connection in the clear is not used once its route demands TLS", async (t) => {
  const server = await ScriptedServer.open(t);
  const rig = new Rig(t, {});
  const route = { host: { kind: "address", ip: ip("127.0.0.1") }, port: server.port } as const;
  rig.routes.set("*", { ...route, tls: "off" });
  assertDelivered(words(await rig.attempt(BOB)));
  rig.routes.set("*", { ...route, tls: "required" });
  assert.match(words(await rig.attempt(BOB))[0] ?? "", /^deferred 451 4\.7\.4 /);
});

// ---- The end ----

test("close lets a transaction end, quits what is idle, and takes no more", async (t) => {
  const server = await ScriptedServer.open(t);
  const rig = new Rig(t, { port: server.port }).mx("foreign.example", "10 mx1 127.0.0.1");
  await rig.attempt(BOB);
  const { promise, resolve } = Promise.withResolvers<void>();
  const content = parcel(BOB);
  const under = rig.attempt(BOB, {
    read: async (offset, limit) => {
      await promise;
      return content.read(offset, limit);
    },
  });
  await until(() => server.commands.filter((line) => line === "DATA").length === 2);
  const closed = rig.delivery.close(60_000);
  resolve();
  assertDelivered(words(await under));
  await closed;
  assert.equal(server.commands.at(-1), "QUIT");
  assert.deepEqual(words(await rig.attempt(BOB)), ["deferred 451 4.3.2 this server is stopping"]);
});

test("what does not end in time is dropped, and in doubt after the dot", async (t) => {
  const server = await ScriptedServer.open(t, {
    answer: (command) => (command === "." ? "SILENCE" : undefined),
  });
  const rig = new Rig(t, { port: server.port }).mx("foreign.example", "10 mx1 127.0.0.1");
  const under = rig.attempt(BOB);
  await until(() => server.messages.length === 1);
  await rig.delivery.close(1);
  assert.match(words(await under)[0] ?? "", /^deferred in doubt 451 4\.4\.2 /);
});

test("who waits for a connection, or for one to be made, is told when it closes", async (t) => {
  const server = await ScriptedServer.open(t, { answer: () => "SILENCE" });
  const rig = new Rig(t, { port: server.port, connections: 1 });
  for (const at of ["a", "b"]) rig.mx(`${at}.example`, "10 mx1 127.0.0.1");
  const first = rig.attempt("bob@a.example");
  await until(() => server.open === 1);
  const second = rig.attempt("bob@b.example");
  await until(() => rig.dns.asked.includes("b.example MX"));
  await rig.delivery.close(1);
  assert.match(words(await first)[0] ?? "", /^deferred 451 4\./);
  assert.deepEqual(words(await second), ["deferred 451 4.3.2 this server is stopping"]);
});
