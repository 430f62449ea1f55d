/** `gatepost list remove` and `list retire`: an entry goes, or a whole list ends as it should. */
import type { Command } from "commander";
import type { ListAdministration } from "../app/index.ts";
import { removeEntry, retireZone } from "../operate/listing/index.ts";
import { wrapped } from "../runtime/index.ts";
import { CommandError } from "./exit.ts";
import { author, entriesText, inLists, zoneOf, type ListOptions } from "./list-site.ts";
import { print } from "./output.ts";
import { valueOr } from "./settle.ts";
import { withConfig } from "./site-options.ts";
import { ask, isTerminal } from "./terminal.ts";

interface RemoveOptions extends ListOptions {
  readonly zone?: string;
  readonly why: string;
}

export function listRemoveCommand(list: Command): void {
  withConfig(list.command("remove <subject>"))
    .description("take an entry out, of one list or of all")
    .requiredOption("--why <text>", "for the record")
    .option("--zone <zone>", "of this list alone")
    .option("--json", "as JSON")
    .action((subject: string, options: RemoveOptions) =>
      inLists(options, (lists) => remove(lists, subject, options)),
    );
}

export function listRetireCommand(list: Command): void {
  withConfig(list.command("retire <zone>"))
    .description("end a list: nobody is on it any more, and it goes on saying so")
    .option("--why <text>", "for the record", "the list has come to its end")
    .option("--yes", "without being asked")
    .option("--json", "as JSON")
    .action((zone: string, options: RetireOptions) =>
      inLists(options, (lists) => retire(lists, zone, options)),
    );
}

async function remove(
  lists: ListAdministration,
  subject: string,
  { zone, why, json }: RemoveOptions,
): Promise<void> {
  const of = zone === undefined ? {} : { zone: zoneOf(lists, zone) };
  const wanted = { subject, why, by: author(), origin: "person", ...of } as const;
  const removed = valueOr(await removeEntry(lists.site, wanted));
  if (json === true) {
    const changes = removed.map(({ id, ...one }) => ({ change: id, ...one }));
    return print(JSON.stringify(changes, null, 2));
  }
  for (const one of removed) {
    const are = one.subjects.length === 1 ? "is" : "are";
    print(`${one.subjects.join(" and ")} ${are} in ${one.zone} no more`);
    print(`change ${one.id}; \`gatepost list undo ${one.id}\` takes it back`);
  }
}

interface RetireOptions extends ListOptions {
  readonly why: string;
  readonly yes?: boolean;
}

async function retire(
  lists: ListAdministration,
  name: string,
  { why, yes, json }: RetireOptions,
): Promise<void> {
  const zone = zoneOf(lists, name);
  if (yes !== true) await agree(lists, zone.zone);
  const { id, removed } = valueOr(await retireZone(lists.site, zone, { by: author(), why }));
  if (json === true)
    return print(JSON.stringify({ change: id, zone: zone.zone, removed }, null, 2));
  print(`${zone.zone} is retired; ${entriesText(removed)} removed`);
  print(`Keep it in the configuration, and its name delegated here, for as long as anybody asks.`);
  print(`change ${id}; \`gatepost list undo ${id}\` takes it back`);
}

async function agree({ site }: ListAdministration, zone: string): Promise<void> {
  const { entries } = await site.published.figures(zone);
  const what = `${zone} would list nobody any more: ${entriesText(entries)} and its files would count no more. Whoever asks is told "not listed", to be kept for a day, also about the test points, so that clients find it gone; a TXT record says that it is retired.`;
  if (!isTerminal()) throw new CommandError(`${what} Add --yes if it is meant`);
  print(wrapped(what, "").join("\n"));
  const answer = await ask(`Retire ${zone}? yes/no`, "no");
  if (answer !== "yes" && answer !== "y") throw new CommandError("nothing was changed");
}
