/** `gatepost check`: is the configuration right, and does the relay proof hold? Exit 1 where not. */
import type { Command } from "commander";
import {
  checkPostmaster,
  checkRelay,
  checkSuspects,
  isUnusedHere,
  listRows,
  mailHops,
  openDirectory,
  openListFiles,
  proveSite,
  publishedFiles,
  relayEdges,
  unknownRecipientsText,
  unservedText,
  type PublishedFile,
} from "../app/index.ts";
import { CLIENT_CLASSES, enumerateDecisions, type Decision } from "../policy/checks/index.ts";
import type { Config } from "../config/index.ts";
import { formatStatus } from "../mail/index.ts";
import { silentLog, wrapped } from "../runtime/index.ts";
import type { ListFileState } from "../service/lists/index.ts";
import { CommandError } from "./exit.ts";
import { print, printRows } from "./output.ts";
import { siteConfig, withConfig, withSet, type SiteOptions } from "./site-options.ts";

export function checkCommand(program: Command): void {
  withSet(withConfig(program.command("check")))
    .description("check the configuration, show who may send where, run the relay proof")
    .option("--json", "as JSON")
    .action(run);
}

async function run(options: SiteOptions & { json?: boolean }): Promise<void> {
  const loaded = siteConfig(options);
  const session = await openDirectory(loaded);
  try {
    checkPostmaster(loaded, session.directory);
    checkRelay(loaded, session.directory);
    checkSuspects(loaded, session.directory);
    const listFiles = (await openListFiles(loaded, silentLog)).states();
    const zones = zoneRows(loaded.config);
    const published = await publishedFiles(loaded);
    const edges = relayEdges(loaded.config, session.directory);
    const hops = mailHops(loaded.config);
    const decisions = decisionRows(loaded.config);
    const unknown = loaded.config.recipients.unknown;
    const lists = listRows(loaded.config);
    const proof = await proveSite(loaded.config, session.directory);
    if (!proof.holds) process.exitCode = 1; // also for whoever does not read to the end
    if (options.json === true) {
      print(
        JSON.stringify(
          {
            file: loaded.file,
            decisions,
            unknown,
            edges,
            hops,
            lists,
            listFiles,
            zones,
            published,
            proof,
          },
          null,
          2,
        ),
      );
    } else {
      print(`${loaded.file}: no errors\n`);
      printRows(decisions, false, "");
      print(`\nUnknown mailboxes (recipients.unknown = "${unknown}"):`);
      print(wrapped(unknownRecipientsText(loaded.config), "").join("\n"));
      print("\nWhat may leave:");
      printRows(edges, false, "");
      print("\nBy which way:");
      printRows(hops, false, "");
      print("\nLists that strangers are looked up in:");
      printRows(lists, false, "none");
      printListFiles(listFiles);
      print("\nLists that are published here:");
      printRows(zones, false, "none");
      printPublished(published);
      print(`\n${proof.report}`);
    }
    if (!proof.holds) throw new CommandError("the relay proof fails: no port would be opened");
  } finally {
    await session.close();
  }
}

function printListFiles(files: readonly ListFileState[]): void {
  if (files.length === 0) return;
  print("\nOf those, files:");
  printRows(files.map(fileRow), false, "");
}

function fileRow({ list, path, format, entries, made, expires }: ListFileState) {
  return { list, file: path, format, entries, made: timeOf(made), expires: timeOf(expires) };
}

/** With what the site's own tests put on each. */
function zoneRows({ listing, suspects }: Config) {
  return listing.zone.map(({ zone, kind, code, files }) => ({
    zone,
    kind,
    code,
    files,
    tests: [
      ...(suspects?.zone === zone ? ["hosts that relay"] : []),
      ...(suspects?.outputs === zone ? ["their outputs"] : []),
    ],
  }));
}

function printPublished(files: readonly PublishedFile[]): void {
  if (files.length === 0) return;
  print("\nOf those, files:");
  printRows(files.map(({ zone, file, entries, made, expires }) => ({ zone, file, entries, made: timeOf(made), expires: timeOf(expires) })), false, ""); // prettier-ignore
  for (const { file, unserved } of files)
    for (const one of unserved) print(`\nNot served of ${file}: ${unservedText(one)}`);
}

function timeOf(time: number | undefined): string | null {
  return time === undefined ? null : new Date(time).toISOString();
}

/** One row for each kind of recipient and answer; clients that are answered alike share it. */
function decisionRows(config: Config) {
  const here = enumerateDecisions().filter(({ recipient }) => !isUnusedHere(recipient, config));
  const cells = here.map(({ client, recipient, decision }) => ({
    client,
    recipient,
    decision: decisionText(decision),
  }));
  const groups = Map.groupBy(cells, ({ recipient, decision }) => `${recipient} ${decision}`);
  return [...groups.values()].map((group) => ({
    client: group.length === CLIENT_CLASSES.length ? "anybody" : group.map(({ client }) => client),
    recipient: group[0]?.recipient ?? "",
    decision: group[0]?.decision ?? "",
  }));
}

function decisionText(decision: Decision): string {
  switch (decision.kind) {
    case "deposit":
      return decision.kind;
    case "keep":
      return "keep as evidence, in no mailbox";
    case "relay":
      return `relay, by ${decision.basis}${decision.basis === "peer" ? ", for its pairs" : ""}`;
    case "report":
      return `take, and tell its sender by mail: ${formatStatus(decision.status)}`;
    case "refuse":
      return formatStatus(decision.status);
  }
}
