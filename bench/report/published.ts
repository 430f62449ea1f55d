/** What `comparePublished` and `compareStored` found, as tables. */
import type { ListLine } from "../published.ts";
import type { StoredLine } from "../stored-list.ts";
import { count, decimal, mebibytes, range, ratio, table } from "./table.ts";

const SERVERS = ["Gatepost", "rbldnsd", "echo"] as const;

export function publishedText(asked: readonly ListLine[], stored: readonly StoredLine[]): string {
  return [
    "### Questions answered, with dnsperf",
    answers(asked),
    "### What a file adds to a start, and to memory at rest (PSS)",
    loads(asked),
    "### One entry more in the store",
    changes(stored),
  ].join("\n\n");
}

/** In microseconds of the processor, of seconds for 1,000. */
const MICROSECONDS = 1000;

function answers(lines: readonly ListLine[]): string {
  const rows = lines.map(({ addresses, figures, lost }) => {
    const [gatepost, rbldnsd, echo] = SERVERS.map((name) => figures.get(name));
    const cpus = [gatepost, rbldnsd, echo].map((figure) => figure?.cpu);
    const [own, theirs] = cpus;
    return [
      `${count(addresses)} addresses`,
      ...[gatepost, rbldnsd, echo].flatMap((figure) => [count(figure?.answered), range(figure)]),
      ratio(gatepost?.answered, rbldnsd?.answered),
      ...cpus.map((cpu) => decimal(cpu === undefined ? undefined : cpu * MICROSECONDS, 1)),
      ratio(own, theirs),
      SERVERS.map((name) => count(lost.get(name))).join(", "),
    ];
  });
  const rates = SERVERS.flatMap((name) => [`${name}/s`, "lowest–highest"]);
  const cpus = SERVERS.map((name) => `${name}, µs of CPU`);
  return table(
    ["list", ...rates, "÷ rbldnsd (aim: 1)", ...cpus, "÷ rbldnsd (aim: 1.5)", "lost"],
    rows,
  );
}

function loads(lines: readonly ListLine[]): string {
  const rows = lines.map(({ addresses, loads: of }) => [
    `${count(addresses)} addresses`,
    ...["Gatepost", "rbldnsd"].flatMap((name) => [
      decimal(of.get(name)?.seconds),
      decimal(of.get(name)?.cpu),
      mebibytes(of.get(name)?.octets),
    ]),
  ]);
  const heads = ["Gatepost", "rbldnsd"].flatMap((name) => [`${name}, s`, "s of CPU", "MiB"]);
  return `Aim: 1,000,000 in under 3 s, at most 40 MB.\n\n${table(["list", ...heads], rows)}`;
}

function changes(lines: readonly StoredLine[]): string {
  const rows = lines.map(({ entries, seen, latest, cpu, delay, idleDelay }) => [
    `${count(entries)} entries`,
    decimal(seen),
    decimal(latest),
    decimal(cpu),
    decimal(delay, 1),
    decimal(idleDelay, 1),
  ]);
  const heads = ["answered after, s", "at the latest, s", "CPU s", "longest event-loop delay, ms", "without a change, ms"]; // prettier-ignore
  return table(["list", ...heads], rows);
}
