/** Whether Gatepost gets slower with its years: a crowded store and an empty one under the same loads, in turns. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { sendMail, type MailLoad } from "./load/smtp-source.ts";
import { rate, type Figures } from "./measure/figures.ts";
import { inbound, refusals } from "./measure/loads.ts";
import { inTurns } from "./measure/rounds.ts";
import { REFUSALS, scaled, WARMING, type Plan } from "./plan.ts";
import { count, decimal, percent, table } from "./report/table.ts";
import { fillStore } from "./servers/crowd.ts";
import { makeGatepostSite } from "./servers/gatepost.ts";
import { launch, type Launched } from "./servers/launched.ts";
import { SINK_MAILBOX } from "./servers/peer.ts";

const MAILBOXES = 10_000;
const JOURNAL_ROWS = 1_000_000;

/** So that nothing of the crowd is forgotten while it is measured. */
const KEEP_ALL = ["journal.mebibytes=8192"];

const LOADS: readonly { readonly title: string; readonly load: MailLoad }[] = [
  { title: "4 KiB, new connections, 20 at once", load: mail(20, false) },
  { title: "4 KiB, 20 connections, reused", load: mail(20, true) },
];

function mail(connections: number, reuse: boolean): MailLoad {
  return { messages: 4000, octets: 4096, connections, reuse };
}

/** What stands on each side of the comparison. */
interface Side {
  readonly server: Launched;
  /** One recipient for each message instead of one for all. */
  readonly spread: boolean;
}

export interface CrowdedLine {
  readonly title: string;
  readonly empty: Figures;
  readonly crowded: Figures;
  /** The crowded store, each message to another mailbox. */
  readonly spread?: Figures;
}

export async function compareCrowded(plan: Plan): Promise<readonly CrowdedLine[]> {
  const site = await makeGatepostSite();
  const first = await launch(site, { settings: KEEP_ALL });
  await sendMail(first.smtp, SINK_MAILBOX, { ...mail(1, false), messages: 1 });
  await first.stop();
  const crowd = {
    mailboxes: MAILBOXES, // all of them, whatever the scale: the load names them
    journalRows: Math.ceil(JOURNAL_ROWS * plan.scale),
  };
  plan.say(
    `filling a store: ${count(crowd.mailboxes)} mailboxes, ${count(crowd.journalRows)} rows`,
  );
  const store = join(site.directory, "gatepost.db");
  await fillStore(store, crowd);
  plan.say(`the store has ${decimal(statSync(store).size / 2 ** 20, 0)} MiB`);
  const servers = [
    await launch(await makeGatepostSite()),
    await launch(site, { settings: KEEP_ALL }),
  ];
  try {
    return await compareServers(plan, servers);
  } finally {
    for (const server of servers) await server.stop();
  }
}

async function compareServers(plan: Plan, servers: readonly Launched[]): Promise<CrowdedLine[]> {
  const [empty, crowded] = servers;
  if (empty === undefined || crowded === undefined) throw new Error("two servers are compared");
  for (const { smtp } of servers)
    await sendMail(smtp, SINK_MAILBOX, scaled(WARMING, Math.min(1, plan.scale)));
  const sides: readonly Side[] = [
    { server: empty, spread: false },
    { server: crowded, spread: false },
    { server: crowded, spread: true },
  ];
  const lines: CrowdedLine[] = [];
  for (const { title, load } of LOADS) {
    const own = scaled(load, plan.scale);
    const work = ({ server, spread }: Side) => inbound(server, { ...own, spread });
    lines.push(await line(plan, title, sides, work));
  }
  const attempts = Math.ceil(REFUSALS.load.attempts * plan.scale);
  const refuse = ({ server }: Side) => refusals(server, attempts, REFUSALS.load.atOnce);
  lines.push(await line(plan, REFUSALS.title, sides.slice(0, 2), refuse));
  return lines;
}

async function line(
  plan: Plan,
  title: string,
  sides: readonly Side[],
  work: (side: Side) => ReturnType<typeof inbound>,
): Promise<CrowdedLine> {
  plan.say(title);
  const turns = await inTurns({ peers: sides, rounds: plan.rounds, warm: work, measure: work });
  const [empty, crowded, spread] = turns.values();
  if (empty === undefined || crowded === undefined) throw new Error("two sides are compared");
  return { title, empty, crowded, ...(spread !== undefined && { spread }) };
}

export function crowdedText(lines: readonly CrowdedLine[]): string {
  const heads = [
    "per second",
    "empty",
    `${count(JOURNAL_ROWS)} rows, ${count(MAILBOXES)} mailboxes`,
    "of the empty store's",
    "the same, each message to another mailbox",
    "of the empty store's",
    "CPU s/1,000: empty, crowded, each to another",
  ];
  const rows = lines.map(({ title, empty, crowded, spread }) => {
    const all = [empty, crowded, ...(spread === undefined ? [] : [spread])];
    return [
      title,
      count(rate(empty)),
      count(rate(crowded)),
      percent(rate(crowded), rate(empty)),
      count(spread && rate(spread)),
      percent(spread && rate(spread), rate(empty)),
      all.map(({ cpu }) => decimal(cpu)).join(", "),
    ];
  });
  return table(heads, rows);
}
