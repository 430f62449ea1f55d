/** Whole tests of servers in memory: honest ones, open ones, and liars. Only what came back is called a relay. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { MemoryOfNow, testServer } from "../../../src/operate/tester/index.ts";
import { TRANSCRIPT_LIMIT } from "../../../src/operate/tester/talker.ts";
import { TRANSCRIPTS_OCTETS } from "../../../src/operate/tester/kept-transcripts.ts";
import { HERE, ScriptedHost, type HostScript } from "./scripted-host.ts";
import { OPTIONS, tested } from "./tested.ts";

const isAbroad = (command: string): boolean => /^RCPT TO:.*tester\.example/i.test(command);
const TAKES = "250 2.1.5 good";

test("a closed server is closed, in every vector and every way to greet it", async () => {
  const { result, endpoint, report } = await tested({ offers: ["STARTTLS"] });
  assert.equal(result.verdict, "closed");
  assert.deepEqual(
    new Set(endpoint.cases.map(({ manner }) => manner)),
    new Set(["EHLO", "HELO", "EHLO in TLS"]),
  );
  assert.deepEqual(new Set(endpoint.cases.map(({ grade }) => grade)), new Set(["closed"]));
  assert.ok(endpoint.cases.length > 600);
  assert.match(report, /^Closed: mx\.local\.example refused everything/);
});

test("it never pipelines, has one connection at a time, and leaves before a server loses patience", async () => {
  const { host } = await tested({
    answer: (_, { commands }) => (commands > 60 ? "421 4.7.0 enough" : undefined),
  });
  assert.deepEqual(
    host.slept.filter((ms) => ms > 1000),
    [],
  );
});

test("250 to everything, and nothing delivered: accepted, not relayed", async () => {
  const { result, endpoint, report } = await tested({
    answer: (command) => (command.startsWith("RCPT") ? TAKES : undefined),
  });
  assert.equal(result.grade, "accepted");
  assert.equal(result.verdict, "inconclusive");
  assert.ok(endpoint.cases.every(({ grade }) => grade !== "relayed"));
  const traits = endpoint.character.map(({ trait }) => trait);
  assert.ok(traits.includes("catch-all"));
  assert.match(report, /^Not proven:/);
});

test("a black hole is one: it refuses nothing, and nothing comes back", async () => {
  const { endpoint } = await tested(
    { answer: (command) => (command.startsWith("RCPT") ? TAKES : undefined) },
    { only: ({ id }) => /^R0[1-9]$/.test(id) },
  );
  assert.ok(endpoint.character.some(({ trait }) => trait === "black hole"));
});

test("open to all: relayed, by what it is, with the address that it saw", async () => {
  const { result, endpoint, report } = await tested({
    answer: (command) => (isAbroad(command) ? TAKES : undefined),
    relays: () => true,
  });
  assert.equal(result.verdict, "open");
  const [worst] = endpoint.openings;
  assert.equal(worst?.name, "client address");
  assert.equal(worst?.client, "172.17.0.1");
  assert.match(report, /^OPEN RELAY: mx\.local\.example/);
  assert.match(report, /container/);
});

test("one that relays only the tenth message is found", async () => {
  const { result } = await tested({
    answer: (command) => (isAbroad(command) ? TAKES : undefined),
    relays: (_, message) => message === 10,
  });
  assert.equal(result.verdict, "open");
  const relayed = result.endpoints.flatMap(({ cases }) =>
    cases.filter(({ grade }) => grade === "relayed"),
  );
  assert.equal(relayed.length, 1);
});

test("a hole is named by its trick, and only by that", async () => {
  const holes = [
    [
      "percent hack",
      (command: string) => /^RCPT TO:<t-[a-z2-7]+%tester\.example@local\.example>/.test(command),
    ],
    ["bang path", (command: string) => command.startsWith("RCPT TO:<tester.example!t-")],
    ["source route", (command: string) => command.startsWith("RCPT TO:<@local.example:t-")],
  ] as const;
  for (const [name, opens] of holes) {
    const { result, endpoint } = await tested({
      answer: (command) => (opens(command) ? TAKES : undefined),
      relays: () => true,
    });
    assert.equal(result.verdict, "open");
    assert.deepEqual(
      endpoint.openings.map((one) => one.name),
      [name],
    );
  }
});

test("a trusted sender is named, and no trick beside it that works by the sender alone", async () => {
  const { endpoint } = await tested({
    answer: (command, { from }) =>
      isAbroad(command) && /@local\.example>/.test(from) ? TAKES : undefined,
    relays: () => true,
  });
  assert.deepEqual(
    endpoint.openings.map(({ name }) => name),
    ["sender"],
  );
});

test("one that refuses the tester is not called closed, wherever it does so", async () => {
  const greeting = await tested({
    answer: (command) => (command === "greeting" ? "554 5.7.1 you are listed" : undefined),
  });
  assert.equal(greeting.result.verdict, "inconclusive");
  assert.deepEqual(
    greeting.endpoint.character.map(({ trait }) => trait),
    ["tester-blocker"],
  );
  const everybody = await tested({
    answer: (command) =>
      command.startsWith("RCPT")
        ? "554 5.7.1 Service unavailable; Client host [127.0.0.1] blocked"
        : undefined,
  });
  assert.equal(everybody.result.verdict, "inconclusive");
  assert.deepEqual(
    everybody.endpoint.character.map(({ trait }) => trait),
    ["refuses only the tester"],
  );
});

test("where users hand in mail, who has not logged in is refused: that is closed", async () => {
  const refuses: HostScript = {
    answer: (command) =>
      command.startsWith("RCPT") ? "554 5.7.1 <x[127.0.0.1]>: Client host rejected" : undefined,
  };
  const at = async (port: number, implicitTls = false) => {
    const endpoints = [{ ip: HERE, port, implicitTls }];
    return (await tested(refuses, { endpoints })).result.verdict;
  };
  assert.equal(await at(25), "inconclusive");
  assert.equal(await at(587), "closed");
  assert.equal(await at(2525), "closed");
  assert.equal(await at(10_465, true), "closed");
  const login = await tested({
    answer: (command) => (command.startsWith("MAIL") ? "530 5.7.0 log in first" : undefined),
  });
  assert.equal(login.result.verdict, "closed");
});

test("a greylister is waited for, and tested when it lets its own people's mail in", async () => {
  const memory = new MemoryOfNow();
  let since = 0;
  const host: ScriptedHost = new ScriptedHost(
    {
      answer: (command) => {
        if (!command.startsWith("RCPT") || host.clock.elapsed() - since > 200_000) return undefined;
        return "450 4.2.0 greylisted";
      },
    },
    memory,
  );
  since = host.clock.elapsed();
  const result = await testServer(OPTIONS, host.machine, memory);
  assert.equal(result.verdict, "closed");
  assert.ok(host.slept.includes(60_000) && host.slept.includes(300_000));
});

test("one that knows a sender by its second knock is knocked at twice by the same", async () => {
  const met = new Map<string, number>();
  const memory = new MemoryOfNow();
  const host: ScriptedHost = new ScriptedHost(
    {
      answer: (command, { from }) => {
        if (!command.startsWith("RCPT TO:<user@")) return undefined;
        const since = met.get(`${from} ${command}`) ?? host.clock.elapsed();
        met.set(`${from} ${command}`, since);
        return host.clock.elapsed() - since < 60_000 ? "450 4.2.0 greylisted" : undefined;
      },
    },
    memory,
  );
  const result = await testServer(OPTIONS, host.machine, memory);
  assert.equal(result.verdict, "closed");
  assert.deepEqual(
    host.slept.filter((ms) => ms >= 5000),
    [60_000],
  );
});

test("one that puts off everybody for ever is not called closed", async () => {
  const { result, endpoint } = await tested({
    answer: (command) => (command.startsWith("RCPT") ? "450 4.2.0 later" : undefined),
  });
  assert.equal(result.verdict, "inconclusive");
  assert.ok(endpoint.character.some(({ trait }) => trait === "greylister"));
  assert.ok(endpoint.cases.some(({ grade }) => grade === "weak"));
});

test("4xx for relaying alone is weak, and closed all the same", async () => {
  const { result } = await tested({
    answer: (command) => (isAbroad(command) ? "454 4.7.1 relay access denied" : undefined),
  });
  assert.equal(result.grade, "weak");
  assert.equal(result.verdict, "closed");
});

test("a server that asks to come back later is waited for a few times, and then left", async () => {
  const { result, host, endpoint } = await tested({ answer: () => "421 4.3.2 busy" });
  assert.equal(result.verdict, "inconclusive");
  assert.equal(host.connections, 4);
  assert.deepEqual(host.slept.slice(0, 3), [5000, 30_000, 120_000]);
  assert.ok(endpoint.character.some(({ trait }) => trait === "rate limit"));
});

test("421 to a trick is the answer to it, and no wish to be left alone", async () => {
  const { result, host } = await tested({
    answer: (command) => (command.startsWith("PROXY") ? "421 no PROXY from you" : undefined),
  });
  assert.equal(result.grade, "weak");
  assert.deepEqual(
    host.slept.filter((ms) => ms >= 5000),
    [],
  );
});

test("a test goes on where it was interrupted", async () => {
  const memory = new MemoryOfNow();
  const host = new ScriptedHost({}, memory);
  let tries = 0;
  const options = { ...OPTIONS, progress: () => void tries++ };
  const first = await testServer({ ...options, stopped: () => tries >= 100 }, host.machine, memory);
  assert.equal(first.verdict, "inconclusive");
  assert.equal(tries, 100);
  const second = await testServer(options, host.machine, memory);
  assert.equal(second.verdict, "closed");
  const keys = second.endpoints.flatMap(({ cases }) => cases.map(({ key }) => key));
  assert.equal(new Set(keys).size, keys.length);
  assert.equal(tries, keys.length);
});

test("an answer after 60 s is awaited, one after that is not; a tarpit is named", async () => {
  const only = { only: ({ id }: { readonly id: string }) => id === "R01" };
  const slow = await tested({ delayMs: 60_000 }, only);
  assert.equal(slow.result.verdict, "closed");
  assert.ok(slow.endpoint.character.some(({ trait }) => trait === "tarpit"));
  const late = await tested({ delayMs: 60_001 }, only);
  assert.equal(late.result.verdict, "inconclusive");
});

test("who draws out each reply is left after a while, and what was seen until then counts", async () => {
  const hour = 3_600_000;
  const slow = await tested({ delayMs: 59_000 }, { longestMs: hour });
  assert.equal(slow.result.verdict, "inconclusive");
  assert.match(
    slow.endpoint.visited.gaveUp?.why ?? "",
    /too slow: \d+ cases were left after an hour/,
  );
  assert.ok(slow.host.clock.elapsed() < 2 * hour);
  const open = { answer: (command: string) => (isAbroad(command) ? "250 good" : undefined), relays: () => true }; // prettier-ignore
  const relay = await tested({ ...open, delayMs: 59_000 }, { longestMs: hour });
  assert.equal(relay.result.verdict, "open");
});

test("who says kilobytes to each command is heard, and a megabyte of it is kept", async () => {
  const loud = `${`250-${"x".repeat(400)}\r\n`.repeat(38)}250 good`;
  const { endpoint } = await tested({
    answer: (command) => (isAbroad(command) ? loud : undefined),
  });
  const kept = endpoint.cases.flatMap(({ transcript = [] }) => transcript);
  const octets = kept.reduce((sum, one) => sum + ("octets" in one ? one.octets.length : 0), 0);
  assert.ok(octets > TRANSCRIPTS_OCTETS && octets < TRANSCRIPTS_OCTETS + 2 * TRANSCRIPT_LIMIT);
  assert.ok(endpoint.cases.filter(({ grade }) => grade === "accepted").length > 50);
});

test("silence is the slowest answer of all: at the doorstep, from the middle on, at the end", async () => {
  const only = { only: ({ id }: { readonly id: string }) => id === "R01" };
  for (const [from, silent] of [
    [1, /^greeting$/],
    [1, /^(?:EHLO|HELO)/],
    [2, /^greeting$/],
    [2, /^(?:EHLO|HELO)/],
    [2, /^RCPT/],
    [3, /^(?:EHLO|HELO)/],
  ] as const) {
    const { result, endpoint } = await tested(
      {
        answer: (command, { number }) =>
          number >= from && silent.test(command) ? "SILENCE" : undefined,
      },
      only,
    );
    assert.equal(result.verdict, "inconclusive");
    assert.ok(
      endpoint.character.some(({ trait }) => trait === "tarpit"),
      `${from} ${silent}`,
    );
  }
});

test("rubbish, an endless greeting, a line without end: inconclusive, and soon over", async () => {
  const greetings = [
    "hello?",
    "220-x\r\n".repeat(100_000),
    `220 ${"x".repeat(2_000_000)}`,
    "HTTP/1.1 400 Bad Request",
  ];
  for (const said of greetings) {
    const { result, host } = await tested({
      answer: (command) => (command === "greeting" ? said : undefined),
    });
    assert.equal(result.verdict, "inconclusive", said.slice(0, 20));
    assert.ok(host.connections <= 4);
  }
});

test("a part that could not be found makes no server closed, and an open one no less open", async () => {
  const problems = ["b.local.example has no address"];
  const { result, report } = await tested({}, { problems });
  assert.equal(result.verdict, "inconclusive");
  assert.match(report, /Not tested: b\.local\.example has no address/);
  const open = await tested(
    { answer: (command) => (isAbroad(command) ? TAKES : undefined), relays: () => true },
    { problems },
  );
  assert.equal(open.result.verdict, "open");
  assert.match(open.report, /Not tested: b\.local\.example has no address/);
});

test("nobody listens: not tested", async () => {
  const { result, report } = await tested({ unreachable: true });
  assert.equal(result.verdict, "inconclusive");
  assert.match(report, /nobody answers \(connection refused\)/);
});

test("one that takes all and reports it to forged senders is no relay, but a nuisance by name", async () => {
  const { result, endpoint } = await tested(
    { answer: (command) => (command.startsWith("RCPT") ? TAKES : undefined), bounces: true },
    { only: ({ id }) => id === "R01" },
  );
  assert.equal(result.grade, "accepted");
  assert.deepEqual(
    endpoint.openings.map(({ name }) => name),
    ["backscatter"],
  );
});

test("a report ends no wait: the message itself may come later, and does", async () => {
  const memory = new MemoryOfNow();
  const host = new ScriptedHost(
    {
      answer: (command) => (command.startsWith("RCPT") ? TAKES : undefined),
      relays: () => true,
      relaysAfterMs: 9000,
      bounces: true,
    },
    memory,
  );
  const options = { ...OPTIONS, only: ({ id }: { readonly id: string }) => id === "R01" };
  const result = await testServer(options, host.machine, memory);
  assert.equal(result.verdict, "open");
});

test("commands hidden in content that are obeyed are seen without a way back", async () => {
  const { wayBack: _, ...withoutWayBack } = OPTIONS;
  const memory = new MemoryOfNow();
  const host = new ScriptedHost({ endOfContent: "\n.\r\n" }, memory);
  const result = await testServer(withoutWayBack, host.machine, memory);
  assert.equal(result.verdict, "inconclusive");
  assert.deepEqual(
    result.endpoints[0]?.openings.map(({ name, grade }) => [name, grade]),
    [["smuggling", "accepts"]],
  );
});

test("what came in the clear and is obeyed in TLS is seen", async () => {
  const { endpoint } = await tested({ offers: ["STARTTLS"], obeysPlaintext: true });
  assert.deepEqual(
    endpoint.openings.map(({ vectors }) => vectors),
    [["R104"]],
  );
});

test("mail for a user under whatever tag is his own mail, and so is content after a greeting that was refused", async () => {
  const tagged = await tested({
    answer: (command) =>
      /^RCPT TO:<user\+[^"]*@local\.example>/.test(command) ? TAKES : undefined,
  });
  const own = tagged.endpoint.cases.filter(({ vector }) => /^R(?:55d|63c)$/.test(vector));
  assert.ok(own.length > 4 && own.every(({ grade }) => grade === "closed"));
  const greeted = await tested({
    answer: (command, { taken }) =>
      command.startsWith("EHLO") && taken.length > 0 ? "503 5.5.1 already identified" : undefined,
    keepsTaken: true,
  });
  assert.equal(greeted.result.grade, "closed");
});

test("a message that an address in a tag gets is a relay", async () => {
  const { endpoint } = await tested({
    answer: (command) =>
      /^RCPT TO:<user\+t-[a-z2-7]+%tester\.example@local\.example>/.test(command)
        ? TAKES
        : undefined,
    relays: () => true,
  });
  assert.deepEqual(
    endpoint.openings.map(({ name, grade }) => [name, grade]),
    [["sub-address", "relayed"]],
  );
});

test("no message is sent to anybody but the tester and the server's own people", async () => {
  const { host } = await tested({
    answer: (command) => (command.startsWith("RCPT") ? TAKES : undefined),
  });
  for (const talk of host.heard) {
    const transactions = talk
      .split(/\r\n(?=MAIL FROM:)/)
      .filter((text) => text.includes("\r\nDATA\r\n"));
    for (const recipient of transactions.flatMap(
      (text) => text.match(/(?<=\r\n)RCPT TO:.*/g) ?? [],
    ))
      assert.match(recipient, /tester\.example|local\.example|127\.0\.0\.1|@>|<[^@]*>/, recipient);
    assert.doesNotMatch(transactions.join(), /203\.0\.113\.9|xn--|RCPT TO:<u@127\.1>/);
  }
});

test("whatever a server answers the test ends, calls nothing relayed, and keeps little", async () => {
  const answer = fc.oneof(
    { weight: 6, arbitrary: fc.constant(undefined) },
    fc.constantFrom(
      "250 2.0.0 good",
      "354 go on",
      "550 5.7.1 no",
      "450 4.0.0 later",
      "421 4.3.2 busy",
      "DROP",
      "SILENCE",
      "220 x",
      "221 2.0.0 bye",
      "999",
      "250-",
      "\r\n\r\n",
      "x".repeat(5000),
    ),
    fc.string({ unit: "binary" }),
  );
  await fc.assert(
    fc.asyncProperty(fc.infiniteStream(answer), async (answers) => {
      const { result, endpoint, host } = await tested(
        {
          answer: () => answers.next().value as string | undefined,
          offers: ["STARTTLS", "CHUNKING"],
        },
        { only: ({ id }) => /^R(?:0|1[0-4]|3|6[01]|10|130[ae])/.test(id) },
      );
      assert.notEqual(result.verdict, "open");
      const kept = endpoint.cases.map(({ transcript }) => JSON.stringify(transcript ?? []).length);
      assert.ok(Math.max(0, ...kept) < 400_000);
      assert.ok(host.connections < 1000);
    }),
    { numRuns: 100 },
  );
});
