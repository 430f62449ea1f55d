/**
 * `node bench/queue.ts [ROWS]`: a queue of a million rows, a tenth of them for one dead domain. How long a start takes,
 * a page of the list, a claim and a settlement, and what it does to memory.
 */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { messageId, parseDomain, sessionId, status, type Domain } from "../src/mail/index.ts";
import type { RelayGrant } from "../src/mail/index.ts";
import { systemRandom } from "../src/runtime/index.ts";
import type { DepartingRecipient, QueueKey, Store } from "../src/store/index.ts";
import { openSqliteStore } from "../src/store/sqlite/index.ts";
import { median } from "./measure/figures.ts";
import { count, decimal, table } from "./report/table.ts";

const ROWS = Number(process.argv[2] ?? 1_000_000);
/** Recipients of a message. */
const TOGETHER = 50;
/** Messages on their way into the store at once. */
const AT_ONCE = 20;
const SENDERS = 1000;
const DESTINATIONS = 5000;
const DEAD = "dead.example";
const BEGAN = Date.UTC(2026, 0, 1);
const DEFERRED = { status: status(451, "4.4.1", "no answer", "bench") };

function domainOf(name: string): Domain {
  const domain = parseDomain(name);
  if (domain === undefined) throw new Error(`${name} is no domain`);
  return domain;
}

function recipient(number: number): DepartingRecipient {
  const domain = number % 10 === 0 ? DEAD : `d${number % DESTINATIONS}.example`;
  const parts = { basis: "login", holder: "bench", domain: domainOf(domain) } as const;
  const grant = parts as RelayGrant; // nobody judges here: the store is measured
  return { forwardPath: `u${number}@${domain}`, grant, destination: domain, dueAt: BEGAN };
}

function newRecord() {
  const session = sessionId(systemRandom.octets(12));
  return { session, at: BEGAN, ip: "192.0.2.1", addresses: [], json: "{}" };
}

async function send(store: Store, message: number): Promise<void> {
  const sender = `s${message % SENDERS}@example.org`;
  const record = newRecord();
  const draft = store.openMessage();
  draft.write(Buffer.alloc(4000, "x"), () => {});
  await draft.commit({
    id: messageId(record.session, 1),
    head: Buffer.from("Received: here\r\n"),
    mailboxes: [],
    departure: {
      reversePath: sender,
      login: sender,
      tell: "own user",
      acceptedAt: BEGAN + message,
      keptOctets: 0,
      smtputf8: false,
      recipients: Array.from({ length: TOGETHER }, (_, i) => recipient(message * TOGETHER + i)),
    },
    record,
  });
}

async function fill(store: Store): Promise<void> {
  const messages = ROWS / TOGETHER;
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < messages) await send(store, next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

/** Milliseconds, and what came of it. */
async function timed<T>(work: () => Promise<T>): Promise<readonly [number, T]> {
  const began = performance.now();
  const result = await work();
  return [performance.now() - began, result];
}

async function start(path: string): Promise<Store> {
  const store = await openSqliteStore({ path, exclusive: true });
  await store.recover();
  return store;
}

/** All pages of the list, each timed. */
async function wholeList(store: Store): Promise<readonly number[]> {
  const times: number[] = [];
  let after: QueueKey | undefined;
  do {
    const page = { limit: 100, ...(after !== undefined && { after }) };
    const [ms, { next }] = await timed(() => store.queue.list({}, page));
    times.push(ms);
    after = next;
  } while (after !== undefined);
  return times;
}

async function claimAndSettle(store: Store): Promise<readonly (readonly [number, number])[]> {
  const times: (readonly [number, number])[] = [];
  for (let round = 0; round < 100; round++) {
    const at = BEGAN + ROWS + round;
    const limits = { owner: "bench", at, until: at + 60_000, destinations: 20, perDestination: 5 };
    const [claiming, found] = await timed(() => store.queue.claim(limits));
    if (found === undefined) break;
    const { lease } = found;
    const rows = found.destinations.flatMap(({ rows: some }) => some);
    const again = rows.map(({ id }) => {
      const told = { delayReported: false, inDoubt: false };
      return { id, kind: "due again", dueAt: at + 300_000, outcome: DEFERRED, ...told } as const;
    });
    const settlement = { lease, at, rows: again, record: newRecord() };
    const [settling] = await timed(() => store.queue.settle(settlement));
    times.push([claiming, settling]);
  }
  return times;
}

const directory = mkdtempSync(join(tmpdir(), "gatepost-bench-"));
const path = join(directory, "queue.db");
try {
  const first = await start(path);
  const [filling] = await timed(() => fill(first));
  await first.close();
  const [starting, store] = await timed(() => start(path));
  const before = process.memoryUsage.rss();
  const pages = await wholeList(store);
  const rise = process.memoryUsage.rss() - before;
  const bothAre = { login: "s1@example.org", domain: domainOf(DEAD) };
  const [filtered] = await timed(() => store.queue.list(bothAre, { limit: 100 }));
  const [counting] = await timed(() => store.queue.counts());
  const ages = [5, 10, 20, 40, 80, 160, 320, 640, 1280].map((minutes) => minutes * 60_000);
  const shapeOfAll = { at: BEGAN + ROWS, ages, limit: DESTINATIONS + 1 };
  const [shaping] = await timed(() => store.queue.shape(shapeOfAll));
  const rounds = await claimAndSettle(store);
  await store.close();
  const ms = (value: number): string => `${decimal(value)} ms`;
  const figures = table(
    [`a queue of ${count(ROWS)} rows`, ""],
    [
      ["store", `${count(statSync(path).size / 2 ** 20)} MiB`],
      ["into the queue, a second", count((ROWS / filling) * 1000)],
      ["start", ms(starting)],
      ["a page of 100, median", ms(median(pages))],
      ["a page of 100, slowest", ms(Math.max(...pages))],
      ["memory, all pages read", `${decimal(rise / 2 ** 20)} MiB more`],
      ["a page by login and domain", ms(filtered)],
      ["counts", ms(counting)],
      ["shape of all destinations", ms(shaping)],
      ["claim of 20 destinations, median", ms(median(rounds.map(([claiming]) => claiming)))],
      ["settlement of up to 100 rows, median", ms(median(rounds.map(([, settling]) => settling)))],
    ],
  );
  process.stdout.write(`${figures}\n`);
} finally {
  rmSync(directory, { recursive: true, force: true });
}
