/** `gatepost list import`: the entries of a file, all of them or none. */
import { Option, type Command } from "commander";
import { readImport, type ImportFormat, type ListAdministration } from "../app/index.ts";
import { importEntries, type Imported, type ImportProblem } from "../operate/listing/index.ts";
import { LIST_FORMATS } from "../policy/lists/index.ts";
import { CommandError } from "./exit.ts";
import { author, entriesText, inLists, zoneOf, type ListOptions } from "./list-site.ts";
import { print } from "./output.ts";
import { ProgressBar } from "./progress.ts";
import { valueOr } from "./settle.ts";
import { withConfig } from "./site-options.ts";

interface ImportOptions extends ListOptions {
  readonly zone: string;
  readonly format?: ImportFormat;
  readonly yes?: boolean;
}

export function listImportCommand(list: Command): void {
  withConfig(list.command("import <file>"))
    .description("take the entries of a file in: rbldnsd's formats, CIDR text, DROP, JSON lines with evidence")
    .requiredOption("--zone <zone>", "into which list")
    .addOption(new Option("--format <format>", "of the file; otherwise by its name, or as its lines tell").choices([...LIST_FORMATS, "jsonl"]))
    .option("--yes", "also where the zone would grow so much that the brake stops it")
    .option("--json", "as JSON")
    .action((file: string, options: ImportOptions) =>
      inLists(options, (lists) => run(lists, file, options)),
    ); // prettier-ignore
}

async function run(lists: ListAdministration, path: string, options: ImportOptions): Promise<void> {
  const { site } = lists;
  const zone = zoneOf(lists, options.zone);
  const bar = new ProgressBar();
  try {
    const { format } = options;
    const progress = (what: string) => (done: number, of: number) => bar.show(done, of, what);
    const read = await readImport(path, { format, zone, now: site.now(), progress: progress("octets read") }); // prettier-ignore
    if (read.kind === "bad") throw notImported(path, read.problems, read.count);
    const past = options.yes === true ? "brake" : "nothing";
    const wanted = { ...read, zone, by: author(), past, progress: progress("entries") } as const;
    const result = valueOr(await importEntries(site, wanted));
    bar.clear();
    if (result.kind === "not imported") throw notImported(path, result.problems, result.count);
    if (options.json === true) print(JSON.stringify({ zone: zone.zone, ...json(result) }, null, 2));
    else print(text(result, zone.zone));
  } finally {
    bar.clear();
  }
}

function notImported(
  path: string,
  problems: readonly ImportProblem[],
  count: number,
): CommandError {
  const told = problems.map(({ line, reason }) => `  ${path}${line === 0 ? "" : `:${line}`}: ${reason}`); // prettier-ignore
  const more = count > problems.length ? [`  and ${count - problems.length} more`] : [];
  return new CommandError(["nothing was imported:", ...told, ...more].join("\n"));
}

function json({ change, added, renewed, kept, same, over }: Imported) {
  return { change: change ?? null, added, renewed, kept, same, over };
}

function text({ change, added, renewed, kept, same, over }: Imported, zone: string): string {
  const rest = [
    [kept, "left as they are, with better evidence"],
    [same, "are there just so"],
    [over, "are over already, and left out"],
  ] as const;
  return [
    `${zone}: ${entriesText(added)} added, ${renewed.toLocaleString("en")} renewed`,
    ...rest.filter(([count]) => count > 0).map(([count, what]) => `${count.toLocaleString("en")} ${what}`), // prettier-ignore
    change === undefined
      ? "nothing was changed"
      : `change ${change}; \`gatepost list undo ${change}\` takes it back`,
  ].join("\n");
}
