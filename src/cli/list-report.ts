/** `gatepost list report`: a host is reported as an open relay, with what shows it; the server tests it. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Command } from "commander";
import type { ListAdministration } from "../app/index.ts";
import { readText, TEXT_OCTETS } from "../operate/listing/index.ts";
import { SAMPLE_HEAD_LIMIT, sampleHead } from "../mail/index.ts";
import { reportSuspect, type Cause } from "../operate/suspects/index.ts";
import { fileFault, systemClock } from "../runtime/index.ts";
import { CommandError } from "./exit.ts";
import { author, inLists, type ListOptions } from "./list-site.ts";
import { print } from "./output.ts";
import { valueOr } from "./settle.ts";
import { withConfig } from "./site-options.ts";
import { known, nextText, suspectJson, type Known } from "./suspect.ts";

interface ReportOptions extends ListOptions {
  readonly sample?: string;
  readonly note?: string;
}

export function listReportCommand(list: Command): void {
  withConfig(list.command("report <host>"))
    .description("report an open relay, by its address: the server tests it, and lists it where a message comes back")
    .option("--sample <file>", "what shows it: a message that came through it")
    .option("--note <text>", "what shows it: what you have seen")
    .option("--json", "as JSON")
    .action((host: string, options: ReportOptions) =>
      inLists(options, (lists) => report(lists, host, options)),
    ); // prettier-ignore
}

async function report(
  lists: ListAdministration,
  host: string,
  options: ReportOptions,
): Promise<void> {
  const cause = causeOf(options);
  const { ip } = valueOr(await reportSuspect(lists.site, { host, origin: "command", by: author(), cause })); // prettier-ignore
  const now = await known(lists.site, ip);
  if (now === undefined) return;
  if (options.json === true) return print(JSON.stringify(suspectJson(now), null, 2));
  print(`${ip} is reported; next: ${lists.isServed() ? nextText(now) : NOT_SERVED}`);
  if (waitsOfItself(now)) print(`\`gatepost list retest ${ip}\` tests it at once`);
}

/** A test that was just made puts the next one off, whoever reports. */
function waitsOfItself({ suspect: { last, asked, due = 0 } }: Known): boolean {
  return last !== undefined && asked === undefined && due > systemClock.now();
}

/** Behind "next: ". */
export const NOT_SERVED = "it is tested when the server runs (gatepost serve)";

function causeOf({ sample, note }: ReportOptions): Cause {
  if ((sample === undefined) === (note === undefined))
    throw new CommandError("a report has its cause; expected one of --sample FILE and --note TEXT");
  if (sample !== undefined) return sampleOf(sample);
  const text = readText(note ?? "");
  if (text === undefined || text === "")
    throw new CommandError(`--note: expected a text of at most ${TEXT_OCTETS} octets on one line`);
  return { kind: "note", text };
}

function sampleOf(file: string): Cause {
  try {
    const octets = readFileSync(file);
    const beginning = octets.toString("latin1", 0, SAMPLE_HEAD_LIMIT);
    const head = sampleHead(octets.subarray(0, /\r?\n\r?\n/.exec(beginning)?.index));
    return { kind: "sample", sha256: createHash("sha256").update(octets).digest("hex"), head };
  } catch (error) {
    throw new CommandError(`--sample ${file}: ${fileFault(error)}`);
  }
}
