/**
 * A published list: Gatepost beside rbldnsd, which has the same file, and beside a server in Node that knows nothing, asked by dnsperf in turns in one
 * run; what a file adds to a start and to memory; and what one entry more costs where the store has many.
 */
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { temporaryDirectory } from "../test/interop/support/site.ts";
import { askByDnsperf } from "./load/dnsperf.ts";
import { listText, questionsText } from "./load/listed.ts";
import { median, type Figures, type Round } from "./measure/figures.ts";
import { memoryOf } from "./measure/process-tree.ts";
import { inTurns } from "./measure/rounds.ts";
import { atRest } from "./measure/settle.ts";
import { LIST_QUESTIONS, LIST_SECONDS, LIST_SIZES, type Plan } from "./plan.ts";
import { LIST_ZONE, PUBLISHERS, startEcho, type ListPeer, type StartPublisher } from "./servers/list-publishers.ts"; // prettier-ignore
import { whileRunning } from "./servers/together.ts";

export interface ListLine {
  readonly addresses: number;
  /** By the name of the server; `cpu` is in seconds for 1,000 answers. */
  readonly figures: ReadonlyMap<string, Figures>;
  /** Questions without an answer, of all rounds. */
  readonly lost: ReadonlyMap<string, number>;
  readonly loads: ReadonlyMap<string, ListLoad>;
}

/** What a file costs, over one with a single address. */
export interface ListLoad {
  /** Until the server is ready. */
  readonly seconds: number;
  /** Of the processor, until it is at rest. */
  readonly cpu: number;
  /** At rest, PSS. */
  readonly octets: number;
}

/** Milliseconds in which a server that has started gives back what it no longer needs. */
const SETTLE_MS = 3000;

export async function comparePublished(plan: Plan): Promise<readonly ListLine[]> {
  const lines: ListLine[] = [];
  for (const size of LIST_SIZES)
    lines.push(await compareAsked(plan, Math.round(size * plan.scale)));
  return lines;
}

async function compareAsked(plan: Plan, addresses: number): Promise<ListLine> {
  const [list, small, questions] = filesOf(addresses);
  const loads = new Map<string, ListLoad>();
  for (const [name, start] of Object.entries(PUBLISHERS)) {
    plan.say(`a list of ${addresses} addresses: ${name} starts`);
    loads.set(name, await loadOf(plan, start, small, list));
  }
  const lost = new Map<string, number>();
  const ask = async (peer: ListPeer): Promise<Round> => {
    const before = await atRest(peer.pid);
    const asked = await askByDnsperf(peer.dns, questions, LIST_SECONDS * plan.scale);
    lost.set(peer.name, (lost.get(peer.name) ?? 0) + asked.lost);
    const cpu = (((await atRest(peer.pid)) - before) / asked.answers) * 1000;
    return { answered: asked.rate, cpu };
  };
  return whileRunning(async (begun) => {
    const peers: ListPeer[] = [];
    for (const start of Object.values(PUBLISHERS)) peers.push(begun(await start(list)));
    peers.push(begun(await startEcho()));
    plan.say(`a list of ${addresses} addresses: questions`);
    const figures = await inTurns({ peers, rounds: plan.rounds, warm: ask, measure: ask });
    const byName = new Map([...figures].map(([{ name }, own]) => [name, own]));
    return { addresses, figures: byName, lost, loads };
  });
}

/** The list, a small one, and the questions. */
function filesOf(addresses: number): readonly [string, string, string] {
  const home = temporaryDirectory();
  chmodSync(home, 0o755); // rbldnsd does not stay root
  const [list, small, questions] = ["list", "small", "questions"].map((name) =>
    join(home, name),
  ) as [string, string, string]; // prettier-ignore -- one of each
  writeFileSync(list, listText(addresses));
  writeFileSync(small, listText(1));
  writeFileSync(questions, questionsText(LIST_ZONE, addresses, LIST_QUESTIONS));
  return [list, small, questions];
}

/** Medians of the differences, each between two starts in a row. */
async function loadOf(
  plan: Plan,
  start: StartPublisher,
  small: string,
  list: string,
): Promise<ListLoad> {
  const loads: ListLoad[] = [];
  for (let round = 0; round < plan.rounds; round++) {
    const [without, having] = [await started(start, small), await started(start, list)];
    loads.push({
      seconds: having.seconds - without.seconds,
      cpu: having.cpu - without.cpu,
      octets: having.octets - without.octets,
    });
  }
  return {
    seconds: median(loads.map(({ seconds }) => seconds)),
    cpu: median(loads.map(({ cpu }) => cpu)),
    octets: median(loads.map(({ octets }) => octets)),
  };
}

async function started(start: StartPublisher, file: string): Promise<ListLoad> {
  const began = performance.now();
  const peer = await start(file);
  const seconds = (performance.now() - began) / 1000;
  await setTimeout(SETTLE_MS);
  const cpu = await atRest(peer.pid);
  const { now: octets } = memoryOf(peer.pid);
  await peer.stop();
  return { seconds, cpu, octets };
}
