/** `gatepost list log` and `list undo`: who changed what in the lists, when and why; and how it is taken back. */
import type { Command } from "commander";
import type { ListAdministration } from "../app/index.ts";
import { visible } from "../mail/index.ts";
import { entryJson, entryOf, undoChange } from "../operate/listing/index.ts";
import type { PublishedChange, PublishedPart } from "../store/index.ts";
import { CommandError } from "./exit.ts";
import { changeJson } from "./list-json.ts";
import { author, inLists, minuteText, zoneOf, type ListOptions } from "./list-site.ts";
import { print, printRows, type Row } from "./output.ts";
import { valueOr } from "./settle.ts";
import { withConfig } from "./site-options.ts";

interface LogOptions extends ListOptions {
  readonly zone?: string;
  readonly limit: string;
}

export function listLogCommands(list: Command): void {
  withConfig(list.command("log [change]"))
    .description("who changed what, when and why: the latest first; or one change whole")
    .option("--zone <zone>", "of this list alone")
    .option("--limit <number>", "so many changes, or entries of one", "50")
    .option("--json", "as JSON")
    .action((change: string | undefined, options: LogOptions) =>
      inLists(options, (lists) => log(lists, change, options)),
    );
  withConfig(list.command("undo <change>"))
    .description("take a change back, by a new one: what it touched becomes what it was")
    .option("--json", "as JSON")
    .action((change: string, options: ListOptions) =>
      inLists(options, (lists) => undo(lists, number(change, "change"), options)),
    );
}

async function log(
  lists: ListAdministration,
  change: string | undefined,
  options: LogOptions,
): Promise<void> {
  const limit = number(options.limit, "--limit");
  if (change !== undefined) return one(lists, number(change, "change"), limit, options);
  const zone = options.zone === undefined ? {} : { zone: zoneOf(lists, options.zone).zone };
  const all = await lists.site.published.changes({ limit, ...zone });
  if (options.json === true) return print(JSON.stringify(all.map(changeJson), null, 2));
  return printRows(all.map(changeRow), false, "nothing was changed yet");
}

function changeRow(change: PublishedChange): Row {
  const { id, at, zone, action, by, parts, listed, removed, why, undoneBy } = change;
  return {
    change: id,
    time: minuteText(at),
    zone,
    action: undoneBy === undefined ? action : `${action} (taken back by ${undoneBy})`,
    by: visible(by),
    entries: parts,
    listed,
    removed,
    why: visible(why),
  };
}

async function one(
  lists: ListAdministration,
  id: number,
  limit: number,
  { json }: LogOptions,
): Promise<void> {
  const { published, settings } = lists.site;
  const change = await published.change(id);
  if (change === undefined) throw new CommandError(`there is no change ${id}; \`gatepost list log\` shows those there are`); // prettier-ignore
  const parts = await published.parts(id, { limit });
  const answers = settings.zone.find(({ zone }) => zone === change.zone) ?? { code: "" };
  if (json === true) {
    const all = parts.map(({ subject, before, after }) => ({
      subject,
      before: before === undefined ? null : entryJson(entryOf(subject, before), answers),
      after: after === undefined ? null : entryJson(entryOf(subject, after), answers),
    }));
    return print(JSON.stringify({ ...changeJson(change), parts: all }, null, 2));
  }
  const { zone, at, action, by, why, undoneBy } = change;
  print(
    `change ${id}: ${action} in ${zone}, ${minuteText(at)}, by ${visible(by)}: ${visible(why)}`,
  );
  if (undoneBy !== undefined) print(`taken back by change ${undoneBy}`);
  if (change.parts > 0) print("");
  printRows(parts.map(partRow), false, "it is about no entry");
  if (change.parts > parts.length) print(`\n${change.parts - parts.length} more; --limit ${change.parts} shows all`); // prettier-ignore
}

function partRow({ subject, before, after }: PublishedPart): Row {
  const of = (facts: PublishedPart["after"]): string | null =>
    facts === undefined ? null : `${facts.kind}, until ${minuteText(facts.until)}`;
  return { subject, before: of(before), after: of(after), reason: visible(after?.reason ?? before?.reason ?? "") }; // prettier-ignore
}

async function undo(lists: ListAdministration, id: number, { json }: ListOptions): Promise<void> {
  const { id: made, zone, back, gone, asBefore, over } = valueOr(await undoChange(lists.site, id, author())); // prettier-ignore
  if (json === true) return print(JSON.stringify({ change: made, undoes: id, zone, back, gone, asBefore, over }, null, 2)); // prettier-ignore
  print(
    `${zone}: change ${id} is taken back, by change ${made}: ${undoneText(back, gone, asBefore)}`,
  );
  if (over > 0) print(`${over} would be over by now, and stay out`);
}

function undoneText(back: number, gone: number, asBefore: number): string {
  const counts = [
    [back, "listed again"],
    [gone, "listed no more"],
    [asBefore, "as before"],
  ] as const;
  const said = counts.filter(([count]) => count > 0).map(([count, what]) => `${count.toLocaleString("en")} ${what}`); // prettier-ignore
  return said.length === 0 ? "no entry is touched" : said.join(", ");
}

function number(text: string, what: string): number {
  if (/^[1-9][0-9]{0,14}$/.test(text)) return Number(text);
  throw new CommandError(`${what} ${text}: expected a number from 1 on`);
}
