/** `gatepost list export`: a list in the formats that others read. */
import { Option, type Command } from "commander";
import { exportedText, writeExport, type ListAdministration } from "../app/index.ts";
import { EXPORT_FORMATS, formatProblem, leftOut, readSubject, type ExportFormat } from "../operate/listing/index.ts"; // prettier-ignore
import { CommandError } from "./exit.ts";
import { entriesText, inLists, zoneOf } from "./list-site.ts";
import { print, write } from "./output.ts";
import { ProgressBar } from "./progress.ts";
import { withConfig, type SiteOptions } from "./site-options.ts";

interface ExportOptions extends SiteOptions {
  readonly format: ExportFormat;
  readonly out?: string;
  readonly json?: boolean;
}

export function listExportCommand(list: Command): void {
  withConfig(list.command("export <zone>"))
    .description("write a list's entries for rbldnsd, for BIND and its like, for firewalls, or whole with their evidence")
    .addOption(new Option("--format <format>", "of the file").choices(EXPORT_FORMATS).makeOptionMandatory())
    .option("--out <file>", "into this file, which is then there whole; otherwise to standard output")
    .option("--json", "with --out: what was written, as JSON")
    .action((zone: string, options: ExportOptions) =>
      inLists(options, (lists) => run(lists, zone, options)),
    ); // prettier-ignore
}

async function run(lists: ListAdministration, name: string, options: ExportOptions): Promise<void> {
  const zone = zoneOf(lists, name);
  const { format, out, json } = options;
  const problem = formatProblem(format, zone.kind);
  if (problem !== undefined) throw new CommandError(problem);
  const { entries } = await lists.site.published.figures(zone.zone);
  const bar = new ProgressBar();
  let read = 0;
  const pieces = exportedText(lists.site, zone, format, (done) => {
    read = done;
    bar.show(done, entries, "entries");
  });
  try {
    if (out === undefined) for await (const piece of pieces) await write(piece);
    else await writeExport(out, pieces);
  } finally {
    bar.clear();
  }
  if (leftOut(format) !== undefined) warn(lists, zone.zone, format);
  if (out === undefined) return;
  if (json === true)
    print(JSON.stringify({ zone: zone.zone, format, file: out, entries: read || entries })); // prettier-ignore
  else print(`wrote ${entriesText(read || entries)} of ${zone.zone} to ${out}`);
}

/** What a format has no words for is said, and not lost in silence. */
function warn({ site }: ListAdministration, zone: string, format: ExportFormat): void {
  const family = leftOut(format);
  let count = 0;
  for (let after = ""; ;) {
    const page = site.published.entries(zone, { after, limit: 2000 });
    count += page.filter(({ subject }) => readSubject(subject).kind === family).length;
    const last = page.at(-1);
    if (last === undefined) break;
    after = last.subject;
  }
  if (count === 0) return;
  const name = family === "v6" ? "IPv6" : "IPv4";
  process.stderr.write(`gatepost: ${format} has no ${name}: ${entriesText(count)} left out; combined has both\n`); // prettier-ignore
}
