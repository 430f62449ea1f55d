/** `gatepost list show`: what all lists here say of somebody, why, on which evidence, until when, and what was before. */
import type { Command } from "commander";
import type { InFile, ListAdministration } from "../app/index.ts";
import { visible } from "../mail/index.ts";
import {
  entryJson,
  evidenceText,
  parseSubjects,
  standings,
  type Happened,
  type KeptEntry,
  type ListingZone,
  type Standing,
} from "../operate/listing/index.ts";
import { happenedJson } from "./list-json.ts";
import { parseIp } from "../mail/index.ts";
import { known, suspectJson, suspectText, type Known } from "./suspect.ts";
import { inLists, minuteText, zoneOf, type ListOptions } from "./list-site.ts";
import { print } from "./output.ts";
import { valueOr } from "./settle.ts";
import { withConfig } from "./site-options.ts";

export function listShowCommand(list: Command): void {
  withConfig(list.command("show <subject>"))
    .description("whether somebody is listed, in all lists: why, the evidence, until when, what was before")
    .option("--json", "as JSON")
    .action((subject: string, options: ListOptions) =>
      inLists(options, (lists) => show(lists, subject, options)),
    ); // prettier-ignore
}

interface Shown {
  readonly zone: ListingZone;
  readonly standing: Standing;
  readonly retired: boolean;
  readonly files: readonly InFile[];
}

async function show(lists: ListAdministration, text: string, { json }: ListOptions): Promise<void> {
  const all: Shown[] = [];
  for (const standing of valueOr(await standings(lists.site, text))) {
    const zone = zoneOf(lists, standing.zone);
    const retired = lists.site.published.zone(zone.zone).retiredAt !== undefined;
    const subjects = parseSubjects(text, zone.kind);
    const [subject] = typeof subjects === "string" ? [] : subjects;
    const files = subject === undefined || retired ? [] : await lists.inFiles(zone, subject);
    all.push({ zone, standing, retired, files });
  }
  const ip = parseIp(text);
  const suspect = ip && (await known(lists.site, ip));
  if (json === true) {
    const { zone } = lists.site.testing ?? {};
    return print(JSON.stringify(all.map((one) => shownJson(one, one.zone.zone === zone ? suspect : undefined)), null, 2)); // prettier-ignore
  }
  const parts = [...all.map((one) => shownText(text, one)), ...(suspect === undefined ? [] : [suspectText(suspect)])]; // prettier-ignore
  print(parts.join("\n\n"));
}

function shownJson({ zone, standing, retired, files }: Shown, suspect: Known | undefined) {
  const { entry, around, history } = standing;
  return {
    zone: zone.zone,
    listed: entry !== undefined || files.some(({ subzone, answer }) => subzone === undefined && answer !== undefined), // prettier-ignore
    retired,
    entry: entry === undefined ? null : entryJson(entry, zone),
    around: around.map((one) => entryJson(one, zone)),
    files: files.map(({ file, subzone, answer, problem }) => ({ file, subzone: subzone ?? null, answer: answer ?? null, problem: problem ?? null })), // prettier-ignore
    history: history.map((one) => happenedJson(one, zone)),
    suspect: suspect === undefined ? null : suspectJson(suspect),
  };
}

function shownText(text: string, { zone, standing, retired, files }: Shown): string {
  const { entry, around, history } = standing;
  const head = retired ? `${zone.zone}: retired, it lists nobody` : headOf(text, zone.zone, entry);
  return [
    head,
    ...(entry === undefined ? [] : entryLines(entry, zone)),
    ...around.map((one) => line("also in", `${one.subject.text}, until ${minuteText(one.until)}: ${one.reason}`)), // prettier-ignore
    ...files.map(fileLine),
    ...history.map((one, i) => line(i === 0 ? "history" : "", happenedText(one))),
  ].join("\n");
}

function headOf(text: string, zone: string, entry: KeptEntry | undefined): string {
  if (entry === undefined) return `${zone}: ${visible(text)} has no entry`;
  const within = entry.subject.text === text ? "" : `, by the entry ${entry.subject.text}`;
  return `${zone}: ${visible(text)} is listed${within}`;
}

function entryLines(entry: KeptEntry, zone: ListingZone): readonly string[] {
  const { code = zone.code, reason, evidence, by, since, until, times } = entry;
  return [
    line("answer", code),
    line("reason", reason === "" ? "none given" : visible(reason)),
    line("evidence", visible(evidenceText(evidence))),
    line("since", `${minuteText(since)}, by ${visible(by)}${times > 1 ? `; listed ${times} times` : ""}`),
    line("until", minuteText(until)),
  ]; // prettier-ignore
}

function fileLine({ file, subzone, answer, problem }: InFile): string {
  if (problem !== undefined) return line("file", `${file}: ${problem}`);
  if (answer === undefined) return line("file", `${file} says nothing of it`);
  const texts = answer.texts.length === 0 ? "" : `: ${visible(answer.texts.join("; "))}`;
  const where = subzone === undefined ? "" : ` for the names below ${subzone}`;
  return line("file", `${file} lists it${where}, ${answer.codes.join(", ")}${texts}`);
}

function happenedText({ id, at, action, by, why, undoneBy }: Happened): string {
  const undone = undoneBy === undefined ? "" : ` (taken back by change ${undoneBy})`;
  return `${minuteText(at)} change ${id}: ${action} by ${visible(by)}: ${visible(why)}${undone}`;
}

function line(what: string, said: string): string {
  return `  ${what.padEnd(9)} ${said}`;
}
