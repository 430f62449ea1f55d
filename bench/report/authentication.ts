/** What `compareAuthentication` found, as tables. */
import type { Line } from "../measure/line.ts";
import { cpuOf, difference, ratesTable, shareSeen } from "./beside.ts";
import { decimal, share, table } from "./table.ts";

const [GATEPOST, OURS] = ["Gatepost", "Gatepost, authenticating"] as const;
const [POSTFIX, THEIRS] = ["Postfix", "Postfix, authenticating"] as const;
const SERVERS = [GATEPOST, OURS, POSTFIX, THEIRS] as const;

export function authenticationText(lines: readonly Line[]): string {
  return [
    "### Mail in, authenticated: processor seconds per 1,000",
    processorTime(lines),
    "### What authentication adds: processor seconds per 1,000",
    added(lines),
    "### Mail in, authenticated: per second, delivered",
    ratesTable(lines, SERVERS),
  ].join("\n\n");
}

function processorTime(lines: readonly Line[]): string {
  const rows = lines.map((line) => {
    const of = cpuOf(line);
    const each = SERVERS.map((name) => decimal(of(name)));
    return [line.title, line.aim, ...each, share(of(OURS), of(THEIRS))];
  });
  return table(["load", "aim", ...SERVERS, "of Postfix's, authenticating"], rows);
}

function added(lines: readonly Line[]): string {
  const rows = lines.map((line) => {
    const of = cpuOf(line);
    const ours = difference(of(OURS), of(GATEPOST));
    const theirs = difference(of(THEIRS), of(POSTFIX));
    return [line.title, decimal(ours), decimal(theirs), shareSeen(ours, theirs)];
  });
  return table(["load", GATEPOST, POSTFIX, "of Postfix's"], rows);
}
