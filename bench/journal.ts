/**
 * What the journal costs where mail is accepted: Gatepost as it is, without the facts of its checks, and without a journal at all, in turns,
 * in one run. Without it nothing is collected, made into JSON, or written: triggers keep the rows out of the store.
 */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { sendMail } from "./load/smtp-source.ts";
import { inbound } from "./measure/loads.ts";
import { rateOf } from "./measure/figures.ts";
import { lineOf, type Line } from "./measure/line.ts";
import { MAIL, scaled, WARMING, type Plan } from "./plan.ts";
import { count, decimal, table } from "./report/table.ts";
import { makeGatepostSite, type GatepostSite } from "./servers/gatepost.ts";
import { launch, type Launched } from "./servers/launched.ts";
import { SINK_MAILBOX } from "./servers/peer.ts";
import { stopAll, stopAndThrow } from "./servers/together.ts";

const WHOLE = "Gatepost";
const NO_FACTS = "without facts";
const NONE = "without a journal";
const SERVERS = [WHOLE, NO_FACTS, NONE] as const;

/** At most so much more processor time than without. */
const AIM = "5 %";

const LOADS = MAIL.filter(
  ({ load: { connections, octets } }) => connections === 20 && octets === 4096,
);

export async function journalCost(plan: Plan): Promise<string> {
  const started: Launched[] = [];
  try {
    for (const name of SERVERS) started.push(await start(name));
  } catch (error) {
    return stopAndThrow(started, error);
  }
  try {
    for (const { smtp } of started)
      await sendMail(smtp, SINK_MAILBOX, scaled(WARMING, Math.min(1, plan.scale)));
    const lines: Line[] = [];
    for (const contest of LOADS) {
      plan.say(`journal: ${contest.title}`);
      lines.push(await lineOf(plan, { ...contest, aim: AIM }, started, inbound));
    }
    return text(lines);
  } finally {
    await stopAll(started);
  }
}

async function start(name: (typeof SERVERS)[number]): Promise<Launched> {
  const site = await makeGatepostSite();
  if (name === WHOLE) return launch(site);
  if (name === NONE) keepRowsOut(site);
  const preload = fileURLToPath(new URL("servers/without-journal.ts", import.meta.url));
  process.env["WITHOUT"] = name === NONE ? "journal" : "facts"; // the child has it from us
  return { ...(await launch(site, { nodeOptions: ["--import", preload] })), name };
}

function keepRowsOut({ directory }: GatepostSite): void {
  const store = new DatabaseSync(join(directory, "gatepost.db"));
  for (const name of ["journal", "journal_key"])
    store.exec(
      `CREATE TRIGGER no_${name} BEFORE INSERT ON ${name} BEGIN SELECT RAISE(IGNORE); END`,
    );
  store.close();
}

function text(lines: readonly Line[]): string {
  const heads = ["load", "aim", ...SERVERS, "the journal costs", "its facts cost"];
  const rows = lines.map(({ title, aim, figures }) => {
    const [whole, noFacts, none] = SERVERS.map((name) => figures.get(name)?.cpu);
    return [
      title,
      aim,
      ...[whole, noFacts, none].map((value) => decimal(value)),
      more(whole, none),
      more(whole, noFacts),
    ];
  });
  const rates = lines.map(({ title, figures }) => [
    title,
    ...SERVERS.map((name) => count(rateOf(figures.get(name)))),
  ]);
  return [
    "### The journal: processor seconds per 1,000 messages",
    table(heads, rows),
    "### The journal: messages per second",
    table(["load", ...SERVERS], rates),
  ].join("\n\n");
}

function more(one: number | undefined, other: number | undefined): string {
  if (one === undefined || other === undefined) return decimal(undefined);
  return `${((one / other - 1) * 100).toFixed(1)} %`;
}
