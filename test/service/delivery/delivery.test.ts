/** One attempt, one outcome for each recipient: what servers say and fail to say, over real sockets. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CONTENT, grant, ip, name, parcel, recipient, Rig, words } from "./rig.ts";
import { ScriptedServer, SERVER_TLS } from "../../support/scripted-server.ts";

const BOB = "bob@foreign.example";

test("a message is handed over, and the remote's words are kept", async (t) => {
  const server = await ScriptedServer.open(t);
  const rig = new Rig(t, { port: server.port }).mx("foreign.example", "10 mx1 127.0.0.1");
  const attempt = await rig.attempt([BOB, "eve@foreign.example"], {
    reversePath: "",
    recipients: [
      { ...recipient(BOB), notify: ["FAILURE"], orcpt: "rfc822;b+2Bb@old.example" },
      recipient("eve@foreign.example"),
    ],
  });
  assert.deepEqual(words(attempt), Array(2).fill("delivered 250 2.0.0 queued as 1"));
  assert.deepEqual(attempt.outcomes[0]?.reply, {
    host: "mx1.foreign.example [127.0.0.1]",
    lines: ["250 2.0.0 queued as 1"],
  });
  assert.equal(attempt.unreachable, false);
  assert.deepEqual(attempt.carried, {
    host: "mx1.foreign.example",
    ip: "127.0.0.1",
    security: {
      level: "opportunistic",
      why: "nobody demands TLS: the MX records are not authentic, no MTA-STS policy",
    },
  });
  assert.deepEqual(server.commands.slice(0, 5), [
    "EHLO mx.local.example",
    "MAIL FROM:<>",
    "RCPT TO:<bob@foreign.example>",
    "RCPT TO:<eve@foreign.example>",
    "DATA",
  ]);
  assert.deepEqual(server.messages, [CONTENT.replace("\r\n.a", "\r\n..a").slice(0, -2)]);
});

test("what the sender asked for about reports goes along where it is understood", async (t) => {
  const server = await ScriptedServer.open(t, { offers: ["DSN", "SIZE 1000"] });
  const rig = new Rig(t, { port: server.port }).mx("foreign.example", "10 mx1 127.0.0.1");
  await rig.attempt(BOB, {
    parameters: { smtputf8: false, ret: "HDRS", envid: "a+2Bb" },
    recipients: [
      { ...recipient(BOB), notify: ["SUCCESS", "DELAY"], orcpt: "rfc822;b+2Bb@old.example" },
      { ...recipient("eve@foreign.example"), notify: ["NEVER"], orcpt: "x400;c+3Dx" },
    ],
  });
  assert.deepEqual(server.commands.slice(1, 4), [
    "MAIL FROM:<alice@local.example> SIZE=28 RET=HDRS ENVID=a+2Bb",
    "RCPT TO:<bob@foreign.example> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;b+2Bb@old.example",
    "RCPT TO:<eve@foreign.example> NOTIFY=NEVER ORCPT=x400;c+3Dx",
  ]);
});

test("each recipient has its own answer", async (t) => {
  const answers = new Map([
    ["RCPT TO:<grey@foreign.example>", "450 4.7.1 greylisted"],
    ["RCPT TO:<nobody@foreign.example>", "550-5.1.1 no such\r\n550 5.1.1 user"],
  ]);
  const server = await ScriptedServer.open(t, { answer: (command) => answers.get(command) });
  const rig = new Rig(t, { port: server.port }).mx("foreign.example", "10 mx1 127.0.0.1");
  const attempt = await rig.attempt(["grey@foreign.example", BOB, "nobody@foreign.example"]);
  assert.deepEqual(words(attempt), [
    "deferred 450 4.7.1 greylisted",
    "delivered 250 2.0.0 queued as 1",
    "failed 550 5.1.1 no such user",
  ]);
});

for (const [verb, reply, expected] of [
  ["MAIL", "451 4.3.0 later", "deferred 451 4.3.0 later"],
  ["MAIL", "550 5.7.1 never", "failed 550 5.7.1 never"],
  ["DATA", "554 5.7.1 spam", "failed 554 5.7.1 spam"],
  [".", "452 4.3.1 full", "deferred 452 4.3.1 full"],
  ["RCPT", "421 4.3.2 leaving", "deferred 421 4.3.2 leaving"],
  [
    "DATA",
    "DROP",
    "deferred 451 4.4.2 mx1.foreign.example [127.0.0.1] closed the connection after DATA",
  ],
  [
    "MAIL",
    "250 x\nrubbish",
    "deferred 451 4.5.0 mx1.foreign.example [127.0.0.1] gave an answer that is no SMTP reply",
  ],
  [
    "RCPT",
    "250-one\r\n550 two",
    "deferred 451 4.5.0 mx1.foreign.example [127.0.0.1] gave an answer that is no SMTP reply",
  ],
  [
    ".",
    "DROP",
    "deferred in doubt 451 4.4.2 mx1.foreign.example [127.0.0.1] closed the connection after the whole message",
  ],
  [
    ".",
    "RESET",
    "deferred in doubt 451 4.4.2 mx1.foreign.example [127.0.0.1] closed the connection after the whole message",
  ],
] as const)
  test(`${verb} is answered ${JSON.stringify(reply)}; nobody else is asked`, async (t) => {
    const server = await ScriptedServer.open(t, {
      answer: (command) => (command.startsWith(verb) ? reply : undefined),
    });
    const other = await ScriptedServer.open(t, {}, { address: "127.0.0.2", port: server.port });
    const rig = new Rig(t, { port: server.port }).mx(
      "foreign.example",
      "10 mx1 127.0.0.1",
      "20 mx2 127.0.0.2",
    );
    const attempt = await rig.attempt(BOB);
    assert.deepEqual(words(attempt), [expected]);
    assert.equal(attempt.unreachable, false);
    assert.equal(server.talks.length, 1);
    assert.deepEqual(other.talks, []);
  });

test("silence after a command ends the attempt", async (t) => {
  const server = await ScriptedServer.open(t, {
    answer: (command) => (command === "DATA" ? "SILENCE" : undefined),
  });
  const rig = new Rig(t, { port: server.port, data_seconds: 1 });
  rig.mx("foreign.example", "10 mx1 127.0.0.1");
  assert.match(words(await rig.attempt(BOB))[0] ?? "", /^deferred 451 4\.4\.2 .* silent .*DATA$/);
});

// ---- Which server ----

for (const greeting of ["421 4.3.2 busy", "554 5.7.1 you are listed", "DROP", "RESET", "SILENCE"])
  test(`a server that greets with ${greeting} is passed over`, async (t) => {
    const first = await ScriptedServer.open(t, {
      answer: (command) => (command === "greeting" ? greeting : undefined),
    });
    const second = await ScriptedServer.open(t, {}, { address: "127.0.0.2", port: first.port });
    const rig = new Rig(t, { port: first.port, greeting_seconds: 1 }).mx(
      "foreign.example",
      "20 mx2 127.0.0.2",
      "10 mx1 127.0.0.1",
    );
    const attempt = await rig.attempt(BOB);
    assert.deepEqual(words(attempt), ["delivered 250 2.0.0 queued as 1"]);
    assert.equal(attempt.carried?.host, "mx2.foreign.example");
    assert.equal(first.talks.length, 1);
    assert.equal(second.talks.length, 1);
  });

test("only when all refuse us for good it is a failure", async (t) => {
  const greetings = ["554 5.7.1 listed", "554 5.7.1 also listed"];
  const first = await ScriptedServer.open(t, { answer: () => greetings[0] });
  await ScriptedServer.open(
    t,
    { answer: () => greetings[1] },
    { address: "127.0.0.2", port: first.port },
  );
  const rig = new Rig(t, { port: first.port });
  rig.mx("foreign.example", "10 mx1 127.0.0.1", "20 mx2 127.0.0.2");
  const refused = await rig.attempt(BOB);
  assert.deepEqual(words(refused), ["failed 554 5.7.1 listed"]);
  assert.deepEqual(refused.outcomes[0]?.reply?.lines, ["554 5.7.1 listed"]);
  assert.equal(refused.unreachable, true);
  rig.mx("foreign.example", "10 mx1 127.0.0.1", "20 mx3 127.0.0.3");
  const deferred = await rig.attempt(BOB);
  assert.deepEqual(words(deferred), [
    "deferred 451 4.4.1 mx3.foreign.example [127.0.0.3] cannot be reached",
  ]);
  assert.equal(deferred.outcomes[0]?.status.reason, "connection refused");
});

test("a 5xx greeting is not asked for again at the server's other address, a 4xx one is", async (t) => {
  const greetings = ["554 5.7.1 listed", "421 4.3.2 busy"];
  const first = await ScriptedServer.open(t, { answer: () => greetings[0] });
  const second = await ScriptedServer.open(
    t,
    { answer: () => greetings[0] },
    { address: "127.0.0.2", port: first.port },
  );
  const rig = new Rig(t, { port: first.port });
  rig.mx("foreign.example", "10 mx1 127.0.0.1 127.0.0.2");
  await rig.attempt(BOB);
  assert.equal(first.talks.length + second.talks.length, 1);
  greetings[0] = "421 4.3.2 busy";
  assert.deepEqual(words(await rig.attempt(BOB)), ["deferred 421 4.3.2 busy"]);
  assert.equal(first.talks.length + second.talks.length, 3);
});

test("an address that refuses is passed over for the one of the other family", async (t) => {
  const server = await ScriptedServer.open(t);
  const rig = new Rig(t, { port: server.port });
  rig.mx("foreign.example", "10 mx1 127.0.0.1 ::1");
  const attempt = await rig.attempt(BOB);
  assert.equal(attempt.carried?.ip, "127.0.0.1");
  const six = await ScriptedServer.open(t, {}, { address: "::1", port: server.port });
  rig.mx("other.example", "10 mx1 127.0.0.1 ::1");
  assert.equal((await rig.attempt("bob@other.example")).carried?.ip, "::1");
  assert.equal(six.talks.length, 1);
});

test("no more addresses are tried than there may be", async (t) => {
  const first = await ScriptedServer.open(t, { answer: () => "421 4.3.2 busy" });
  const at = { port: first.port };
  const second = await ScriptedServer.open(t, {}, { ...at, address: "127.0.0.2" });
  const rig = new Rig(t, { ...at, addresses: 1 });
  rig.mx("foreign.example", "10 mx1 127.0.0.1", "20 mx2 127.0.0.2");
  assert.deepEqual(words(await rig.attempt(BOB)), ["deferred 421 4.3.2 busy"]);
  assert.deepEqual(second.talks, []);
});

test("mail leaves from the address that the operator names", async (t) => {
  const server = await ScriptedServer.open(t);
  const rig = new Rig(t, { port: server.port, address: "127.0.0.9", address_v6: "2001:db8::1" });
  rig.mx("foreign.example", "10 mx1 127.0.0.1");
  await rig.attempt(BOB);
  assert.deepEqual(
    server.talks.map(({ from }) => from),
    ["127.0.0.9"],
  );
});

// ---- What the DNS says ----

test("where there is nobody to connect to, the reason is told", async (t) => {
  const rig = new Rig(t, { port: 1, private_addresses: "refuse" });
  rig.mx("nullmx.example", "0 .");
  rig.mx("dangling.example", "10 gone");
  rig.mx("inside.example", "10 mx1 10.0.0.1 ::1", "20 mx2 127.0.0.1");
  rig.mx("ours.example", "10 mx.local.example 192.0.2.1", "20 mx2 127.0.0.1");
  rig.dns.fails(name("broken.example"), "MX", "servfail");
  rig.mx("lame.example", "10 mx1");
  rig.dns.fails(name("mx1.lame.example"), "A", "timeout");
  const expected = [
    ["nullmx.example", "failed 556 5.1.10 nullmx.example takes no mail"],
    ["nowhere.example", "failed 550 5.1.2 there is no domain nowhere.example"],
    ["dangling.example", "failed 550 5.4.4 the mail server gone.dangling.example has no address"],
    ["inside.example", "failed 550 5.4.4 the mail server mx1.inside.example has no public address"],
    ["ours.example", "failed 554 5.4.6 mail for ours.example would come back to this server"],
    ["broken.example", "deferred 451 4.4.3 the DNS does not say now how to reach broken.example"],
    ["lame.example", "deferred 451 4.4.3 the DNS does not say now how to reach mx1.lame.example"],
  ] as const;
  for (const [at, outcome] of expected) {
    const attempt = await rig.attempt(`bob@${at}`);
    assert.deepEqual(words(attempt), [outcome]);
    assert.equal(attempt.unreachable, true);
  }
});

test("a domain without MX records is its own mail server", async (t) => {
  const server = await ScriptedServer.open(t);
  const rig = new Rig(t, { port: server.port });
  rig.dns.has(name("foreign.example"), "A", [ip("127.0.0.1")]);
  assert.equal((await rig.attempt(BOB)).carried?.host, "foreign.example");
});

test("our own address in the list ends it there", async (t) => {
  const server = await ScriptedServer.open(t, { answer: () => "421 4.3.2 busy" });
  const own = await ScriptedServer.open(t, {}, { address: "127.0.0.2", port: server.port });
  const isOwnAddress = (at: string, port: number): boolean =>
    at === "127.0.0.2" && port === server.port;
  const rig = new Rig(t, { port: server.port }, { isOwnAddress });
  rig.mx("foreign.example", "10 mx1 127.0.0.1", "20 mx2 127.0.0.2", "20 mx3 127.0.0.1");
  assert.deepEqual(words(await rig.attempt(BOB)), ["deferred 421 4.3.2 busy"]);
  assert.equal(server.talks.length, 1);
  rig.mx("foreign.example", "10 mx2 127.0.0.2");
  assert.match(words(await rig.attempt(BOB))[0] ?? "", /^failed 554 5\.4\.6 /);
  const host = { kind: "address", ip: ip("127.0.0.2") } as const;
  rig.routes.set("*", { host, port: server.port, tls: "off" });
  assert.match(words(await rig.attempt(BOB))[0] ?? "", /^deferred 451 4\.4\.6 /);
  assert.deepEqual(own.talks, []);
});

// ---- TLS ----

test("TLS where it is offered", async (t) => {
  const server = await ScriptedServer.open(t, { tls: await SERVER_TLS });
  const rig = new Rig(t, { port: server.port }).mx("foreign.example", "10 mx1 127.0.0.1");
  const attempt = await rig.attempt(BOB);
  assert.deepEqual(words(attempt), ["delivered 250 2.0.0 queued as 1"]);
  assert.equal(attempt.carried?.tls?.version, "TLSv1.3");
  assert.equal(server.talks[0]?.commands.filter((line) => line.startsWith("EHLO")).length, 2);
});

test("TLS that is broken is done without, and that is remembered", async (t) => {
  const server = await ScriptedServer.open(t, { tls: "broken" });
  const rig = new Rig(t, { port: server.port, idle_seconds: 1 });
  rig.mx("foreign.example", "10 mx1 127.0.0.1");
  rig.mx("other.example", "10 mx1 127.0.0.1");
  const attempt = await rig.attempt(BOB);
  assert.deepEqual(words(attempt), ["delivered 250 2.0.0 queued as 1"]);
  assert.equal(attempt.carried?.tls, undefined);
  assert.equal(server.talks.length, 2);
  await rig.attempt("bob@other.example");
  assert.equal(server.talks.length, 3);
  assert.ok(!server.talks[2]?.commands.includes("STARTTLS"));
});

test("where a route demands TLS, nothing leaves without", async (t) => {
  const broken = await ScriptedServer.open(t, { tls: "broken" });
  const without = await ScriptedServer.open(t);
  const rig = new Rig(t, { port: 1 });
  const host = { kind: "address", ip: ip("127.0.0.1") } as const;
  rig.routes.set("*", { host, port: broken.port, tls: "required" });
  assert.match(words(await rig.attempt(BOB))[0] ?? "", /^deferred 451 4\.7\.5 TLS with /);
  rig.routes.set("*", { host, port: without.port, tls: "required" });
  assert.match(words(await rig.attempt(BOB))[0] ?? "", /^deferred 451 4\.7\.4 TLS is required /);
  rig.routes.set("*", { host, port: without.port, tls: "at once" });
  assert.match(words(await rig.attempt(BOB))[0] ?? "", /^deferred 451 4\.7\.5 TLS with /);
  const said = [...broken.commands, ...without.commands].map((line) => line.split(" ")[0]);
  assert.ok(!said.includes("MAIL"));
});

test("words in the clear behind the yes to STARTTLS end it", async (t) => {
  const server = await ScriptedServer.open(t, {
    offers: ["STARTTLS"],
    answer: (command) => (command === "STARTTLS" ? "220 go\r\n250 ok" : undefined),
  });
  const rig = new Rig(t, { port: server.port }).mx("foreign.example", "10 mx1 127.0.0.1");
  assert.match(words(await rig.attempt(BOB))[0] ?? "", /^deferred 451 4\.7\.5 .* in the clear /);
  assert.equal(server.talks.length, 1);
});

// ---- The lock ----

test("nobody is dialled for without a grant for his own domain", async (t) => {
  const server = await ScriptedServer.open(t);
  const rig = new Rig(t, { port: server.port });
  rig.mx("foreign.example", "10 mx1 127.0.0.1");
  rig.mx("other.example", "10 mx1 127.0.0.1");
  const attempt = await rig.delivery.attempt(
    parcel([], {
      recipients: [
        { forwardPath: "eve@other.example", grant: grant("foreign.example") },
        recipient(BOB),
        { forwardPath: "x@[127.0.0.1]", grant: grant("foreign.example") },
        { forwardPath: "@foreign.example:x@other.example", grant: grant("foreign.example") },
        { forwardPath: "postmaster", grant: grant("foreign.example") },
      ],
    }),
  );
  const locked = "failed 554 5.7.1 this server may not send mail there";
  assert.deepEqual(words(attempt), [
    locked,
    "delivered 250 2.0.0 queued as 1",
    locked,
    locked,
    locked,
  ]);
  const rcpts = server.commands.filter((line) => line.startsWith("RCPT"));
  assert.deepEqual(rcpts, ["RCPT TO:<bob@foreign.example>"]);
  assert.ok(!rig.dns.asked.some((question) => question.startsWith("other.example")));
  assert.equal(rig.log.events("error").filter((e) => e === "recipient without a grant").length, 4);
});

// ---- What the message needs ----

test("what a server has no extension for is told with the right code", async (t) => {
  const server = await ScriptedServer.open(t, { offers: [] });
  const rig = new Rig(t, { port: server.port }).mx("foreign.example", "10 mx1 127.0.0.1");
  const code = async (to: string, parameters: object): Promise<string> => {
    const attempt = await rig.attempt(to, { parameters: { smtputf8: false, ...parameters } });
    return attempt.outcomes[0]?.status.enhanced ?? "";
  };
  assert.equal(await code(BOB, { body: "8BITMIME" }), "5.6.3");
  assert.equal(await code(BOB, { smtputf8: true }), "5.6.9");
  assert.equal(await code("bőb@foreign.example", {}), "5.6.7");
  assert.deepEqual(server.messages, []);
});

// ---- What breaks here ----

test("a message that cannot be read, and a bug, are deferrals", async (t) => {
  const server = await ScriptedServer.open(t);
  const rig = new Rig(t, { port: server.port }).mx("foreign.example", "10 mx1 127.0.0.1");
  const unread = "deferred 451 4.3.0 the message could not be read";
  assert.deepEqual(words(await rig.attempt(BOB, { read: () => undefined })), [unread]);
  assert.deepEqual(words(await rig.attempt(BOB, { read: async () => undefined })), [unread]);
  const broken = (): never => {
    throw new Error("the disk is gone");
  };
  assert.deepEqual(words(await rig.attempt(BOB, { read: broken })), [unread]);
  assert.deepEqual(words(await rig.attempt(BOB, { read: async () => broken() })), [unread]);
  const bug = new Rig(t, { port: server.port }, { resolver: { resolve: broken } });
  const attempt = await bug.attempt(BOB);
  assert.deepEqual(words(attempt), ["deferred 451 4.3.0 the attempt failed on this server"]);
  assert.equal(attempt.unreachable, false);
  assert.deepEqual(bug.log.events("error"), ["attempt failed"]);
  assert.deepEqual(server.messages, []);
});
