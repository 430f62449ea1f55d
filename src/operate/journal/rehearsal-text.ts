/** A rehearsal as a person reads it: numbers first, then what would change and why, who would miss whom, and what nobody can tell. */
import { visible } from "../../mail/index.ts";
import type { Rehearsed } from "./rehearse.ts";
import type { Change, Example, Unknown } from "./rehearsal.ts";
import { timeText } from "./time.ts";
import { LOOKED_UP, type WantedSender } from "./wanted.ts";

export interface RehearsalHead {
  /** The configuration that is tried, and the one whose journal it is tried on. */
  readonly tried: string;
  readonly site: string;
  /** Keys of the settings that differ. */
  readonly judged: readonly string[];
  readonly notJudged: readonly string[];
}

/** Senders shown; `--json` has all. */
const SHOWN = 20;

export function rehearsalText(head: RehearsalHead, rehearsed: Rehearsed): string {
  return [
    ...headLines(head, rehearsed),
    "",
    ...countLines(rehearsed),
    ...section("What would change", rehearsed.changes.flatMap(changeLines)),
    ...section("Senders newly refused who are wanted", wantedLines(rehearsed)),
    ...section("What nobody can tell", rehearsed.unknown.flatMap(unknownLines)),
  ]
    .map(visible)
    .join("\n");
}

function headLines(
  { tried, site, judged, notJudged }: RehearsalHead,
  { since, records }: Rehearsed,
): readonly string[] {
  return [
    `${tried} on the journal of ${site}, since ${timeText(since)} UTC (${many(records, "record")})`,
    judged.length === 0
      ? "differs in no setting that decides about mail"
      : `differs in ${judged.join(", ")}`,
    ...(notJudged.length === 0
      ? []
      : [`and in what cannot be judged again, or decides nothing: ${notJudged.join(", ")}`]),
  ];
}

function countLines({ transactions, folded, decisions }: Rehearsed): readonly string[] {
  const { same, changed, unknown, notReached } = decisions;
  return [
    `${number(transactions)} mails asked for, with ${many(same + changed + unknown + notReached, "decision")}`,
    `${number(same)} the same`,
    `${number(changed)} changed`,
    `${number(notReached)} would not be asked any more: the mail is refused before`,
    `${number(unknown)} unknown`,
    ...(folded === 0
      ? []
      : [
          `${number(folded)} sessions more went the same way as one of these; what they were judged on was not kept`,
        ]),
  ];
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ["", title, ...lines];
}

function changeLines(change: Change): readonly string[] {
  const { stage, before, after, check, setting, count, examples } = change;
  const by = setting === undefined ? "" : `, ${setting.key} = ${JSON.stringify(setting.value)}`;
  const who = after === "taken" ? `no longer by ${check}` : `by ${check}${by}`;
  return [
    `${number(count)} ${STAGES[stage]}: ${after} instead of ${before}, ${who}`,
    ...examples.map(exampleLine),
  ];
}

const STAGES = { sender: "at MAIL", recipient: "at RCPT", message: "the message" } as const;

function exampleLine({ session, at, ip, from, to }: Example): string {
  const whom = to === undefined ? "" : ` to <${to}>`;
  return `           ${session}  ${timeText(at)}  ${ip.padEnd(15)}  <${from}>${whom}`;
}

function wantedLines({ wanted, refusedSenders, moreRefused }: Rehearsed): readonly string[] {
  if (refusedSenders.length === 0) return [];
  const all = refusedSenders.length;
  const whose = `${many(Math.min(all, LOOKED_UP), "sender")}${all > LOOKED_UP ? ` with the most mail, of ${all},` : ""} whose mail would be refused`;
  const rest = wanted.length - SHOWN;
  return [
    ...(wanted.length === 0
      ? [
          `      none of ${whose}: nobody here has written to them,`,
          "      none wrote on more than one day, none is known better than by its address",
        ]
      : [`      ${wanted.length} of ${whose}`]),
    ...wanted.slice(0, SHOWN).map(wantedLine),
    ...(rest > 0 ? [`      and ${rest} more; --json has them all`] : []),
    ...(moreRefused > 0
      ? [`      and ${many(moreRefused, "mail")} of further senders, who were not looked up`]
      : []),
  ];
}

function wantedLine({ address, transactions, level, writtenToBy, days, example }: WantedSender) {
  const why = [
    ...(writtenToBy.length === 0 ? [] : [`written to by ${writtenToBy.join(", ")}`]),
    ...(days > 1 ? [`taken on ${days} days`] : []),
    ...(level === "none" || level === "forward-confirmed" ? [] : [`identity ${level}`]),
  ];
  return `${number(transactions)} <${address}>: ${why.join("; ")} (${example.session})`;
}

function unknownLines({ reason, count, examples }: Unknown): readonly string[] {
  return [`${number(count)} ${reason}`, ...examples.slice(0, 2).map(exampleLine)];
}

function many(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? "" : "s"}`;
}

function number(count: number): string {
  return String(count).padStart(7);
}
