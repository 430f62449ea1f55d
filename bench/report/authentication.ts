/** What `compareAuthentication` found, as tables. */
import type { Line } from "../measure/line.ts";
import { addedTable, pairsTable, ratesTable, serversOf, type Pairs } from "./beside.ts";

const PAIRS: Pairs = {
  ours: ["Gatepost", "Gatepost, authenticating"],
  theirs: ["Postfix", "Postfix, authenticating"],
};

export function authenticationText(lines: readonly Line[]): string {
  return [
    "### Mail in, authenticated: processor seconds per 1,000",
    pairsTable(lines, PAIRS, "of Postfix's, authenticating"),
    "### What authentication adds: processor seconds per 1,000",
    addedTable(lines, PAIRS),
    "### Mail in, authenticated: per second, delivered",
    ratesTable(lines, serversOf(PAIRS)),
  ].join("\n\n");
}
