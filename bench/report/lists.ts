/** What `compareLists` found, as tables. */
import type { ListsComparison } from "../lists.ts";
import type { Line } from "../measure/line.ts";
import { addedTable, pairsTable, ratesTable, serversOf, type Pairs } from "./beside.ts";
import { decimal, table } from "./table.ts";

const PAIRS: Pairs = {
  ours: ["Gatepost", "Gatepost, lists"],
  theirs: ["Postfix", "Postfix, postscreen"],
};
const SERVERS = serversOf(PAIRS);

export function listsText({ taken, refused }: ListsComparison): string {
  const all = [...taken, ...refused];
  return [
    "### Clients looked up in three lists: processor seconds per 1,000",
    pairsTable(all, PAIRS, "of postscreen's"),
    "### What the lists add: processor seconds per 1,000",
    addedTable(taken, PAIRS),
    "### Clients looked up in three lists: milliseconds until the answer, median",
    latencies(all),
    "### Clients looked up in three lists: per second, delivered or refused",
    ratesTable(all, SERVERS),
  ].join("\n\n");
}

function latencies(lines: readonly Line[]): string {
  const rows = lines.map(({ title, figures }) => [
    title,
    ...SERVERS.map((name) => decimal(figures.get(name)?.latencyMs, 1)),
  ]);
  return table(["load", ...SERVERS], rows);
}
