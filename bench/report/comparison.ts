/** What `compare` found, as tables. */
import type { Comparison } from "../compare.ts";
import type { Line } from "../measure/line.ts";
import { rateOf } from "../measure/figures.ts";
import { IDLE } from "../plan.ts";
import { count, decimal, mebibytes, percent, range, ratio, share, table } from "./table.ts";

export function comparisonText({ mail, reading, idle }: Comparison): string {
  return [
    "### Mail in: per second",
    rates(mail),
    "### Mail in: processor seconds per 1,000",
    processorTime(mail),
    "### Mail in: memory right after the load, MiB (PSS)",
    memory(mail),
    "### Mail out: retrievals over POP3",
    readingTable(reading),
    `### Memory of an idle connection, ${IDLE.load.connections.toLocaleString("en")} held, KiB (PSS)`,
    idleTable(idle),
  ].join("\n\n");
}

function rates(lines: readonly Line[]): string {
  const heads = [
    "load",
    "aim",
    "Gatepost",
    "lowest–highest",
    "Postfix delivered",
    "Postfix answered",
    "smtp-server",
    "smtp-sink",
    "÷ Postfix delivered",
    "÷ Postfix answered",
    "÷ smtp-server",
    "of the sink",
  ];
  const rows = lines.map((line) => {
    const of = (name: string): number | undefined => rateOf(line.figures.get(name));
    const [gatepost, postfix] = [of("Gatepost"), line.figures.get("Postfix")];
    return [
      line.title,
      line.aim,
      count(gatepost),
      range(line.figures.get("Gatepost")),
      count(postfix?.delivered),
      count(postfix?.answered),
      count(of("smtp-server")),
      count(of("smtp-sink")),
      ratio(gatepost, of("Postfix")),
      ratio(gatepost, postfix?.answered),
      ratio(gatepost, of("smtp-server")),
      percent(gatepost, of("smtp-sink")),
    ];
  });
  return table(heads, rows);
}

function processorTime(lines: readonly Line[]): string {
  const heads = ["load", "Gatepost", "Postfix", "smtp-server", "of Postfix's", "of smtp-server's"];
  const rows = lines.map(({ title, figures }) => {
    const of = (name: string): number | undefined => figures.get(name)?.cpu;
    const [gatepost, postfix, library] = [of("Gatepost"), of("Postfix"), of("smtp-server")];
    const each = [gatepost, postfix, library].map((value) => decimal(value));
    return [title, ...each, share(gatepost, postfix), share(gatepost, library)];
  });
  return table(heads, rows);
}

function memory(lines: readonly Line[]): string {
  const names = ["Gatepost", "Postfix", "smtp-server"];
  const rows = lines.map(({ title, figures }) => [
    title,
    ...names.map((name) => mebibytes(figures.get(name)?.memory)),
  ]);
  return table(["load", ...names], rows);
}

function readingTable(lines: readonly Line[]): string {
  const heads = ["load", "aim", "Gatepost/s", "Dovecot/s", "÷ Dovecot"];
  const cpuHeads = ["Gatepost CPU s/1,000", "Dovecot CPU s/1,000", "of Dovecot's"];
  const rows = lines.map(({ title, aim, figures }) => {
    const [gatepost, dovecot] = [figures.get("Gatepost"), figures.get("Dovecot")];
    return [
      title,
      aim,
      ...[gatepost, dovecot].map((own) => count(rateOf(own))),
      ratio(rateOf(gatepost), rateOf(dovecot)),
      ...[gatepost, dovecot].map((own) => decimal(own?.cpu, 3)),
      share(gatepost?.cpu, dovecot?.cpu),
    ];
  });
  return table([...heads, ...cpuHeads], rows);
}

function idleTable(idle: ReadonlyMap<string, number>): string {
  const names = [...idle.keys()];
  const kibibytes = names.map((name) => decimal((idle.get(name) ?? Number.NaN) / 1024, 1));
  return table(["aim", ...names], [[IDLE.aim, ...kibibytes]]);
}
