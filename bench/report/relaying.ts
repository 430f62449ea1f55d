/** What `compareRelays` found, as tables. */
import type { Line } from "../measure/line.ts";
import { rateOf } from "../measure/figures.ts";
import { count, decimal, mebibytes, percent, range, ratio, share, table } from "./table.ts";

const SERVERS = ["Gatepost", "Postfix", "Haraka"] as const;

export function relayingText(lines: readonly Line[]): string {
  return [
    "### Relayed: per second, at the sink",
    arrived(lines),
    "### Relayed: per second, answered 250",
    answered(lines),
    "### Relayed: processor seconds per 1,000",
    processorTime(lines),
    "### Relayed: memory right after the load, MiB (PSS)",
    memory(lines),
  ].join("\n\n");
}

function arrived(lines: readonly Line[]): string {
  const heads = [
    "load",
    "aim",
    "Gatepost",
    "lowest–highest",
    "Postfix",
    "Haraka",
    "smtp-sink alone",
  ];
  const ratios = ["÷ Postfix", "÷ Haraka", "of the sink"];
  const rows = lines.map(({ title, aim, figures }) => {
    const of = (name: string): number | undefined => rateOf(figures.get(name));
    const [gatepost, postfix, haraka, sink] = [...SERVERS, "smtp-sink"].map(of);
    return [
      title,
      aim,
      count(gatepost),
      range(figures.get("Gatepost")),
      ...[postfix, haraka, sink].map(count),
      ratio(gatepost, postfix),
      ratio(gatepost, haraka),
      percent(gatepost, sink),
    ];
  });
  return table([...heads, ...ratios], rows);
}

function answered(lines: readonly Line[]): string {
  const rows = lines.map(({ title, figures }) => [
    title,
    ...SERVERS.map((name) => count(figures.get(name)?.answered)),
  ]);
  return table(["load", ...SERVERS], rows);
}

function processorTime(lines: readonly Line[]): string {
  const rows = lines.map(({ title, figures }) => {
    const [gatepost, postfix, haraka] = SERVERS.map((name) => figures.get(name)?.cpu);
    const each = [gatepost, postfix, haraka].map((value) => decimal(value));
    return [title, ...each, share(gatepost, postfix), share(gatepost, haraka)];
  });
  return table(["load", ...SERVERS, "of Postfix's", "of Haraka's"], rows);
}

function memory(lines: readonly Line[]): string {
  const rows = lines.map(({ title, figures }) => [
    title,
    ...SERVERS.map((name) => mebibytes(figures.get(name)?.memory)),
  ]);
  return table(["load", ...SERVERS], rows);
}
