/**
 * A process that tests one server after the other holds no more memory after the last than after the first few; and what a server says
 * without end is not kept.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { test, type TestContext } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { RelayTester, type TesterPlan } from "../../../src/app/index.ts";
import { parseDomain, parseIp, type Domain, type Ip } from "../../../src/mail/index.ts";
import {
  htmlReport,
  parseTarget,
  readOptOuts,
  testFindings,
} from "../../../src/operate/tester/index.ts";
import { newSite, portOf } from "../../e2e/site.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void; // V8's own, by the flag

const RUNS = 50;
/** The first ones load what is loaded once, and V8 settles. */
const SETTLING = 10;

const MEBIBYTE = 1_048_576;
/** A run's results are some hundred KiB: a tenth of what forty of them have. */
const HEAP_GROWTH = 2 * MEBIBYTE;
const RSS_GROWTH = 64 * MEBIBYTE;
/** Beside what is kept of a whole endpoint: two shares of transcripts. */
const LIAR_GROWTH = 32 * MEBIBYTE;

const EXAMPLE = parseDomain("local.example") as Domain; // it is one

function plan(): TesterPlan {
  const dns = {
    servers: [],
    trust_ad: false,
    deadline_ms: 1000,
    attempt_ms: 1000,
    questions: 1,
    cache_mebibytes: 1,
  };
  return {
    domain: parseDomain("tester.example") as Domain, // it is one
    dns,
    dailyCap: 3,
    optOuts: readOptOuts(""),
    paceMs: 0,
    waitMs: 0,
    sink: { ip: parseIp("127.0.0.1") as Ip, port: 0 }, // whichever is free
  };
}

/** As a command does it: a tester of its own, with a sink, and a report at the end. */
async function run(port: number, only: RegExp): Promise<string> {
  const tester = await RelayTester.open(plan());
  try {
    const name = `127.0.0.1:${port}`;
    const result = await tester.test({
      target: parseTarget(name),
      name,
      ports: [port],
      knowledge: { domain: EXAMPLE },
      mine: false,
      everyTranscript: true,
      only: ({ id }) => only.test(id),
    });
    const maker = { program: "Gatepost", by: "tester.example", began: 0, ended: 0 };
    assert.ok(htmlReport([testFindings(result)], maker).length > 1000);
    return result.verdict;
  } finally {
    await tester.close();
  }
}

interface Used {
  readonly heap: number;
  readonly rss: number;
}

function inUse(): Used {
  collectGarbage();
  collectGarbage();
  const { heapUsed, rss } = process.memoryUsage();
  return { heap: heapUsed, rss };
}

test(`${RUNS} runs against a closed server: heap and resident memory stay where they were`, async (t) => {
  const site = await newSite();
  const server = await site.serve();
  t.after(async () => {
    await server.stop(0);
    site.remove();
  });
  const port = portOf(server, "smtp");
  const some = /^R(?:0|1[0-4]|3|4|6|10)/;
  for (let i = 0; i < SETTLING; i++) assert.equal(await run(port, some), "closed");
  const before = inUse();
  for (let i = SETTLING; i < RUNS; i++) assert.equal(await run(port, some), "closed");
  const after = inUse();
  const grown = { heap: after.heap - before.heap, rss: after.rss - before.rss };
  t.diagnostic(`grown by ${grown.heap} octets of heap, ${grown.rss} resident`);
  assert.ok(grown.heap < HEAP_GROWTH, `heap: ${grown.heap}`);
  assert.ok(grown.rss < RSS_GROWTH, `resident: ${grown.rss}`);
});

/** What it says, again and again, for as long as anybody listens. */
async function liar(t: TestContext, says: (connection: number) => string): Promise<number> {
  let connections = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    const words = Buffer.from(says(connections++), "latin1");
    const talk = (): void => {
      while (!socket.destroyed && socket.writable && socket.write(words));
    };
    socket.on("drain", talk).on("error", () => socket.destroy());
    socket.on("data", () => {}).on("close", () => sockets.delete(socket));
    talk();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port; // it listens to a port
}

const LIES: readonly (readonly [what: string, says: (connection: number) => string])[] = [
  ["a greeting without end", () => "220-welcome to the longest greeting there is\r\n".repeat(1000)],
  ["a line without end", () => "220 ".padEnd(60_000, "x")],
  [
    "rubbish",
    (n) => Buffer.alloc(60_000, `${n}\x00\xff</script>\r\n`, "latin1").toString("latin1"),
  ],
  [
    "an honest greeting, and then replies without end",
    () => `220 mx.local.example ESMTP\r\n${"250 2.0.0 whatever you say\r\n".repeat(2000)}`,
  ],
];

for (const [what, says] of LIES)
  test(`${what}: the test ends, and little of it is kept`, async (t) => {
    const port = await liar(t, says);
    const before = inUse();
    let peak = 0;
    const watch = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().heapUsed);
    }, 20);
    const verdict = await run(port, /./);
    clearInterval(watch);
    const after = inUse();
    t.diagnostic(`kept ${after.heap - before.heap} octets, at its peak ${peak - before.heap}`);
    assert.notEqual(verdict, "open");
    assert.ok(after.heap - before.heap < LIAR_GROWTH);
    assert.ok(peak - before.heap < 4 * LIAR_GROWTH);
  });
