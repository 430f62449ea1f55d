/** What `compareSigning` found, as tables. */
import type { Line } from "../compare.ts";
import { rateOf } from "../measure/figures.ts";
import { count, decimal, share, table } from "./table.ts";

const UNSIGNED = ["Gatepost", "Postfix"] as const;
const [GATEPOST, POSTFIX] = UNSIGNED;
const RSA = "Gatepost, RSA";
const BOTH = "Gatepost, RSA and Ed25519";
const OPENDKIM = "Postfix, opendkim";
const SERVERS = [GATEPOST, RSA, BOTH, POSTFIX, OPENDKIM] as const;

export function signingText(lines: readonly Line[]): string {
  return [
    "### Submitted and signed: processor seconds per 1,000",
    processorTime(lines),
    "### What the signature adds: processor seconds per 1,000",
    added(lines),
    "### Submitted and signed: per second, at the sink",
    rates(lines),
  ].join("\n\n");
}

function processorTime(lines: readonly Line[]): string {
  const heads = ["load", "aim", ...SERVERS, "RSA, of opendkim's", "RSA and Ed25519, of opendkim's"];
  const rows = lines.map((line) => {
    const of = cpuOf(line);
    const shares = [RSA, BOTH].map((name) => share(of(name), of(OPENDKIM)));
    return [line.title, line.aim, ...SERVERS.map((name) => decimal(of(name))), ...shares];
  });
  return table(heads, rows);
}

function added(lines: readonly Line[]): string {
  const heads = [
    "load",
    RSA,
    BOTH,
    OPENDKIM,
    "RSA, of opendkim's",
    "RSA and Ed25519, of opendkim's",
  ];
  const rows = lines.map((line) => {
    const of = cpuOf(line);
    const rsa = difference(of(RSA), of(GATEPOST));
    const both = difference(of(BOTH), of(GATEPOST));
    const milter = difference(of(OPENDKIM), of(POSTFIX));
    const each = [rsa, both, milter].map((value) => decimal(value));
    return [line.title, ...each, shareSeen(rsa, milter), shareSeen(both, milter)];
  });
  return table(heads, rows);
}

function rates(lines: readonly Line[]): string {
  const rows = lines.map(({ title, figures }) => [
    title,
    ...SERVERS.map((name) => count(rateOf(figures.get(name)))),
  ]);
  return table(["load", ...SERVERS], rows);
}

function cpuOf({ figures }: Line): (name: string) => number | undefined {
  return (name) => figures.get(name)?.cpu;
}

/** Nothing where the difference is lost in what else the machine did. */
function shareSeen(part: number | undefined, whole: number | undefined): string {
  return share(part !== undefined && part > 0 ? part : undefined, whole);
}

function difference(first: number | undefined, second: number | undefined): number | undefined {
  return first === undefined || second === undefined ? undefined : first - second;
}
