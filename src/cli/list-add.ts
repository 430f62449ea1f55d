/** `gatepost list add`: an entry with its reason, its evidence and its end. */
import { InvalidArgumentError, type Command } from "commander";
import { hashOfFile, type ListAdministration } from "../app/index.ts";
import {
  addEntry,
  entryJson,
  evidenceOfTest,
  readText,
  TEXT_OCTETS,
  type Evidence,
  type ListingZone,
} from "../operate/listing/index.ts";
import { parseDuration } from "../operate/queue/index.ts";
import { systemClock } from "../runtime/index.ts";
import { CommandError } from "./exit.ts";
import { author, inLists, minuteText, zoneOf, type ListOptions } from "./list-site.ts";
import { print } from "./output.ts";
import { valueOr } from "./settle.ts";
import { withConfig } from "./site-options.ts";

interface AddOptions extends ListOptions {
  readonly zone: string;
  readonly reason: string;
  readonly code?: string;
  readonly until?: number;
  readonly for?: number;
  readonly test?: string;
  readonly sample?: string;
  readonly note?: string;
}

export function listAddCommand(list: Command): void {
  withConfig(list.command("add <subject>"))
    .description("list an address, a block or a name; or renew an entry")
    .requiredOption("--zone <zone>", "in which list; its first labels will do")
    .requiredOption("--reason <text>", "why, for whoever asks")
    .option("--test <id>", "the evidence: a relay test of this site in which a message came back")
    .option("--sample <file>", "the evidence: a message that came through the host; its hash is kept")
    .option("--note <text>", "the evidence: what you have seen")
    .option("--code <address>", "what is answered; otherwise the zone's")
    .option("--until <time>", "its end, such as 2026-01-31; otherwise by the kind of the evidence", moment)
    .option("--for <time>", "likewise, such as 30d", duration)
    .option("--json", "as JSON")
    .action((subject: string, options: AddOptions) =>
      inLists(options, (lists) => add(lists, subject, options)),
    ); // prettier-ignore
}

async function add(lists: ListAdministration, subject: string, options: AddOptions): Promise<void> {
  const zone = zoneOf(lists, options.zone);
  const { reason, code } = options;
  const until = endOf(options);
  const result = valueOr(
    await addEntry(lists.site, {
      zone,
      subject,
      reason,
      evidence: await evidence(lists, subject, options),
      by: author(),
      origin: "person",
      ...(code !== undefined && { code }),
      ...(until !== undefined && { until }),
    }),
  );
  if (result.kind === "held") throw new CommandError(result.why);
  const { id, entries, renewed } = result;
  if (options.json === true) {
    const all = entries.map((entry) => entryJson(entry, zone));
    return print(JSON.stringify({ change: id, zone: zone.zone, renewed, entries: all }, null, 2));
  }
  for (const entry of entries) print(added(zone, entry.subject.text, entry.until, renewed));
  print(`change ${id}; \`gatepost list undo ${id}\` takes it back`);
}

function added({ zone }: ListingZone, subject: string, until: number, renewed: boolean): string {
  return `${subject} is ${renewed ? "still" : "now"} in ${zone}, until ${minuteText(until)}`;
}

function endOf(options: AddOptions): number | undefined {
  if (options.for === undefined) return options.until;
  if (options.until !== undefined)
    throw new CommandError("--until and --for: expected one of them");
  return systemClock.now() + options.for;
}

async function evidence(
  { tests }: ListAdministration,
  subject: string,
  { test, sample, note }: AddOptions,
): Promise<Evidence> {
  const given = [test, sample, note].filter((one) => one !== undefined).length;
  if (given !== 1)
    throw new CommandError("an entry has its evidence; expected one of --test ID, --sample FILE and --note TEXT"); // prettier-ignore
  if (sample !== undefined) return { kind: "sample", sha256: await hashOfFile(sample) };
  if (test === undefined) return { kind: "note", text: checked(note ?? "") };
  return valueOr(evidenceOfTest(test, (await tests.show(test)).result, subject));
}

function checked(text: string): string {
  return readText(text) || fault(`--note: expected a text of at most ${TEXT_OCTETS} octets on one line`); // prettier-ignore
}

function fault(words: string): never {
  throw new CommandError(words);
}

function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined && ms > 0) return ms;
  throw new InvalidArgumentError("expected a time such as 12h, 30d or 2w");
}

function moment(text: string): number {
  const at = /^[0-9]{4}-[0-9]{2}-[0-9]{2}/.test(text) ? Date.parse(text) : NaN;
  if (Number.isFinite(at)) return at;
  throw new InvalidArgumentError("expected a time such as 2026-01-31 or 2026-01-31T10:00Z");
}
