/** What `compareSigning` found, as tables. */
import type { Line } from "../measure/line.ts";
import { cpuOf, difference, ratesTable, shareSeen } from "./beside.ts";
import { decimal, share, table } from "./table.ts";

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
    ratesTable(lines, SERVERS),
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
