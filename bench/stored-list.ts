/**
 * One entry more in a list whose entries are in the store: how long until it is answered, and for how long the server did nothing for
 * anybody else.
 */
import assert from "node:assert/strict";
import { appendFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import packet from "dns-packet";
import { openSqliteStore } from "../src/store/sqlite/index.ts";
import { run } from "../test/interop/support/programs.ts";
import { GATEPOST } from "../test/interop/support/site.ts";
import { asker } from "../test/operate/listing/serving/asking.ts";
import { listedAddress, nameOf } from "./load/listed.ts";
import { median } from "./measure/figures.ts";
import { cpuSeconds } from "./measure/process-tree.ts";
import { atRest } from "./measure/settle.ts";
import { STORED_SIZES, type Plan } from "./plan.ts";
import { makeGatepostSite, type GatepostSite } from "./servers/gatepost.ts";
import { launch, type Launched } from "./servers/launched.ts";
import { LIST_ZONE } from "./servers/list-publishers.ts";

export interface StoredLine {
  readonly entries: number;
  /** Seconds from the end of the command until the entry is answered; the median, and the most. */
  readonly seen: number;
  readonly latest: number;
  /** Seconds of the server's processor for it. */
  readonly cpu: number;
  /** The longest that the event loop was kept from its next turn meanwhile, milliseconds; and in a second without a change. */
  readonly delay: number;
  readonly idleDelay: number;
}

/** Entries that come in at once. */
const BATCH = 50_000;
const DAY_MS = 86_400_000;
const LOOK_MS = 5;
const NEVER_MS = 60_000;

export async function compareStored(plan: Plan): Promise<readonly StoredLine[]> {
  const lines: StoredLine[] = [];
  for (const size of STORED_SIZES) lines.push(await oneMore(plan, Math.round(size * plan.scale)));
  return lines;
}

async function oneMore(plan: Plan, entries: number): Promise<StoredLine> {
  plan.say(`a list of ${entries} entries in the store`);
  const site = await makeGatepostSite();
  appendFileSync(site.config, `\n[[listing.zone]]\nzone = "${LIST_ZONE}"\nkind = "addresses"\nns = ["ns1.example.org"]\ncontact = "hostmaster@example.org"\n`); // prettier-ignore
  await fill(site, entries);
  const server = await launch(site);
  try {
    await atRest(server.pid);
    await server.loopDelay();
    await setTimeout(1000);
    const { longest: idleDelay } = await server.loopDelay();
    const rounds: Added[] = [];
    for (let i = 0; i < plan.rounds; i++)
      rounds.push(await added(server, site, `9.9.${i >> 8}.${i & 255}`));
    return {
      entries,
      seen: median(rounds.map(({ seen }) => seen)),
      latest: Math.max(...rounds.map(({ seen }) => seen)),
      cpu: median(rounds.map(({ cpu }) => cpu)),
      delay: Math.max(...rounds.map(({ delay }) => delay)),
      idleDelay,
    };
  } finally {
    await server.stop();
  }
}

async function fill({ store: path }: GatepostSite, entries: number): Promise<void> {
  const store = await openSqliteStore({ path, exclusive: false });
  const at = Date.now();
  const after = { reason: "open relay", kind: "import", evidence: "{}", by: "bench", since: at, until: at + 30 * DAY_MS, times: 1, weight: 1 }; // prettier-ignore
  const act = { zone: LIST_ZONE, at, by: "bench", origin: "person", action: "import", why: "" } as const; // prettier-ignore
  for (let from = 0; from < entries; from += BATCH) {
    const length = Math.min(BATCH, entries - from);
    const parts = Array.from({ length }, (_, i) => ({ subject: listedAddress(from + i), seen: 0, after })); // prettier-ignore
    assert.equal((await store.published.apply({ ...act, parts })).kind, "changed");
  }
  await store.close();
}

type Added = Pick<StoredLine, "seen" | "cpu" | "delay">;

async function added(server: Launched, site: GatepostSite, address: string): Promise<Added> {
  const before = await atRest(server.pid);
  await server.loopDelay();
  const list = ["list", "add", address, "--zone", LIST_ZONE, "--reason", "open relay"];
  const { code, said } = await run(GATEPOST, [...list, "--note", "bench", "--config", site.config]);
  assert.equal(code, 0, said);
  const began = performance.now();
  await answered(site.dns, nameOf(address, LIST_ZONE));
  const seen = (performance.now() - began) / 1000;
  await atRest(server.pid);
  const { longest: delay } = await server.loopDelay();
  return { seen, delay, cpu: cpuSeconds(server.pid) - before };
}

async function answered(port: number, name: string): Promise<void> {
  const question = packet.encode({ type: "query", id: 1, questions: [{ type: "A", name }] });
  const { ask, close } = await asker(port);
  try {
    for (const until = performance.now() + NEVER_MS; performance.now() < until;) {
      const answer = await ask(question.toString("latin1"));
      if (answer !== undefined && packet.decode(Buffer.from(answer, "latin1")).answers?.length === 1) return; // prettier-ignore
      await setTimeout(LOOK_MS);
    }
  } finally {
    close();
  }
  throw new Error(`${name} was never answered`);
}
