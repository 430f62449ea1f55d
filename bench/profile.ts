/** What a message costs, part by part: Node's sampling profiler on every thread of the server while it is under load. */
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { runClient } from "./load/client.ts";
import { attempt } from "./load/refusals.ts";
import { sendMail, type MailLoad } from "./load/smtp-source.ts";
import { microsecondsByPart, PARTS, type Window } from "./measure/cpu-profile.ts";
import { atRest } from "./measure/settle.ts";
import { REFUSALS, scaled, WARMING, type Plan } from "./plan.ts";
import { decimal, table } from "./report/table.ts";
import { makeGatepostSite } from "./servers/gatepost.ts";
import { launch } from "./servers/launched.ts";
import {
  READ_MAILBOX,
  SINK_MAILBOX,
  VICTIM,
  type Pop3Peer,
  type SmtpPeer,
} from "./servers/peer.ts";

/** Microseconds between two samples. */
const INTERVAL = 250;

interface Work {
  readonly title: string;
  readonly count: number;
  run(server: SmtpPeer & Pop3Peer): Promise<unknown>;
}

const MESSAGES = 10_000;
const READ = 1000;

function works({ scale }: Plan): Work[] {
  const mail = (title: string, load: MailLoad): Work => ({
    title,
    count: load.messages,
    run: ({ smtp }) => sendMail(smtp, SINK_MAILBOX, load),
  });
  const load = scaled({ messages: MESSAGES, octets: 4096, connections: 20, reuse: false }, scale);
  const attempts = load.messages;
  const passes = Math.ceil((MESSAGES * scale * 2) / READ);
  return [
    mail("message, new connection", load),
    mail("message, connection reused", { ...load, reuse: true }),
    {
      title: "relay attempt refused",
      count: attempts,
      run: ({ smtp }) => attempt(smtp, { to: VICTIM, attempts, atOnce: REFUSALS.load.atOnce }),
    },
    {
      title: "POP3 retrieval, 20 in flight",
      count: READ * passes,
      run: ({ pop3 }) => runClient("pop3-retrievals.ts", pop3, READ, passes, 20),
    },
  ];
}

/** One table: parts down, works across, microseconds for each piece of work. */
export async function profile(plan: Plan): Promise<string> {
  const all = works(plan);
  const columns: (readonly string[])[] = [];
  for (const work of all) {
    plan.say(`profile: ${work.title}`);
    columns.push(await column(work, plan));
  }
  const rows = [...PARTS, "sum"].map((part, row) => [
    part,
    ...columns.map((cells) => cells[row] ?? ""),
  ]);
  return table(["microseconds for one", ...all.map(({ title }) => title)], rows);
}

/** A fresh, warmed server for each: its profile is written when it ends. */
async function column(work: Work, plan: Plan): Promise<string[]> {
  const site = await makeGatepostSite();
  const folder = join(site.directory, "profile");
  mkdirSync(folder);
  const nodeOptions = ["--cpu-prof", `--cpu-prof-dir=${folder}`, `--cpu-prof-interval=${INTERVAL}`];
  const server = await launch(site, { nodeOptions });
  let window: Window;
  try {
    await sendMail(server.smtp, SINK_MAILBOX, scaled(WARMING, Math.min(1, plan.scale)));
    const read = { messages: READ, octets: 4096, connections: 20, reuse: true };
    await sendMail(server.smtp, READ_MAILBOX, read);
    await work.run(server);
    await atRest(server.pid);
    const begin = microsecondsNow();
    await work.run(server);
    await atRest(server.pid);
    window = { begin, end: microsecondsNow() };
  } finally {
    await server.stop();
  }
  const files = readdirSync(folder).map((name) => join(folder, name));
  const parts = microsecondsByPart(files, window);
  const each = PARTS.map((part) => (parts.get(part) ?? 0) / work.count);
  return [...each, each.reduce((sum, part) => sum + part, 0)].map((value) => decimal(value, 1));
}

/** By the clock that the profiler uses. */
function microsecondsNow(): number {
  return Number(process.hrtime.bigint() / 1000n);
}
