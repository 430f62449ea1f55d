/** Gatepost alone, where a size could hurt: one large message, one large mailbox, a long journal with many mailboxes. */
import { z } from "zod";
import { runClient } from "./load/client.ts";
import { sendMail, type MailLoad } from "./load/smtp-source.ts";
import { median } from "./measure/figures.ts";
import { forgetPeak, memoryOf } from "./measure/process-tree.ts";
import { atRest } from "./measure/settle.ts";
import { crowdedText, compareCrowded } from "./crowded.ts";
import { scaled, WARMING, type Plan } from "./plan.ts";
import { count, decimal, table } from "./report/table.ts";
import { makeGatepostSite } from "./servers/gatepost.ts";
import { launch, type Launched } from "./servers/launched.ts";
import { READ_MAILBOX, SINK_MAILBOX } from "./servers/peer.ts";

const MIB = 2 ** 20;
const LARGE_OCTETS = 50 * MIB;
const LARGE_AT_ONCE = 4;
const CROWD = 100_000;

export async function large(plan: Plan): Promise<string> {
  return [
    "### A message of 50 MiB",
    await largeMessage(plan),
    `### A mailbox of ${CROWD.toLocaleString("en")} messages`,
    await largeMailbox(plan),
    "### A long journal and many mailboxes, against an empty store",
    crowdedText(await compareCrowded(plan)),
  ].join("\n\n");
}

/** What a piece of work did to the server. */
interface Strain {
  readonly seconds: number;
  /** The longest that the event loop was kept from its next turn, milliseconds. */
  readonly delay: number;
  /** Octets beyond what was resident before, at the highest point. */
  readonly rise: number;
  /** Octets, PSS, at rest afterwards. */
  readonly after: number;
}

async function strainOf(server: Launched, work: () => Promise<unknown>): Promise<Strain> {
  await atRest(server.pid);
  forgetPeak(server.pid);
  const before = memoryOf(server.pid).peak;
  await server.loopDelay();
  const began = performance.now();
  await work();
  const seconds = (performance.now() - began) / 1000;
  const { longest: delay } = await server.loopDelay();
  const rise = memoryOf(server.pid).peak - before;
  await atRest(server.pid);
  return { seconds, delay, rise, after: memoryOf(server.pid).now };
}

// ---- 50 MiB ----

async function largeMessage(plan: Plan): Promise<string> {
  const server = await launch(await makeGatepostSite());
  const octets = Math.ceil(LARGE_OCTETS * plan.scale);
  const send = (messages: number, to = SINK_MAILBOX) =>
    sendMail(server.smtp, to, { messages, octets, connections: messages, reuse: false });
  try {
    await sendMail(server.smtp, SINK_MAILBOX, scaled(WARMING, Math.min(1, plan.scale)));
    await send(1, READ_MAILBOX);
    const works = {
      "nothing, for one second": () => new Promise((resolve) => setTimeout(resolve, 1000)),
      "received, one": () => send(1),
      [`received, ${LARGE_AT_ONCE} at once`]: () => send(LARGE_AT_ONCE),
      "retrieved over POP3": () => runClient("pop3-retrievals.ts", server.pop3, 1, 1, 1),
    };
    const rows: string[][] = [];
    for (const [name, work] of Object.entries(works)) {
      plan.say(`50 MiB: ${name}`);
      const strains: Strain[] = [];
      for (let round = 0; round < plan.rounds; round++) strains.push(await strainOf(server, work));
      rows.push(strainRow(name, strains));
    }
    return table(STRAIN_HEADS, rows);
  } finally {
    await server.stop();
  }
}

const STRAIN_HEADS = [
  "work",
  "seconds",
  "longest event-loop delay, ms",
  "memory: rise at the peak, MiB (RSS)",
  "memory: at rest after the last, MiB (PSS)",
];

/** Medians of the times, the worst of the rest. */
function strainRow(name: string, strains: readonly Strain[]): string[] {
  return [
    name,
    decimal(median(strains.map(({ seconds }) => seconds))),
    decimal(Math.max(...strains.map(({ delay }) => delay)), 1),
    decimal(Math.max(...strains.map(({ rise }) => rise)) / MIB, 1),
    decimal((strains.at(-1)?.after ?? Number.NaN) / MIB, 1),
  ];
}

// ---- 100,000 messages ----

const Listings = z.object({
  login: z.number(),
  stat: z.number(),
  list: z.number(),
  uidl: z.number(),
});

async function largeMailbox(plan: Plan): Promise<string> {
  const server = await launch(await makeGatepostSite());
  const fill: MailLoad = { messages: CROWD, octets: 100, connections: 20, reuse: true };
  try {
    plan.say(`filling a mailbox with ${count(CROWD * plan.scale)} messages`);
    await sendMail(server.smtp, READ_MAILBOX, scaled(fill, plan.scale));
    const strains: Strain[] = [];
    const times: z.output<typeof Listings>[] = [];
    for (let round = 0; round < plan.rounds; round++)
      strains.push(
        await strainOf(server, async () => {
          times.push(Listings.parse(await runClient("pop3-listings.ts", server.pop3)));
        }),
      );
    const milliseconds = (["login", "stat", "list", "uidl"] as const).map((command) =>
      decimal(median(times.map((time) => time[command])), 1),
    );
    const heads = ["", "login, ms", "STAT, ms", "LIST, ms", "UIDL, ms", ...STRAIN_HEADS.slice(2)];
    const [, , ...rest] = strainRow("", strains);
    return table(heads, [["each session", ...milliseconds, ...rest]]);
  } finally {
    await server.stop();
  }
}
