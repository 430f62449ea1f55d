/** `gatepost lists …`: how the lists are that this server asks, and whom one of them has kept out while it was wrong. */
import { InvalidArgumentError, type Command } from "commander";
import { keptHealth, listsHealth, mailAmnesty, type AmnestyMail } from "../app/index.ts";
import { visible } from "../mail/index.ts";
import {
  healthNotes,
  hitsText,
  keptOut,
  shortTime,
  usualText,
  type AmnestyWindow,
  type KeptOut,
  type ShownHealth,
} from "../operate/lists/index.ts";
import type { List } from "../policy/lists/index.ts";
import { systemClock } from "../runtime/index.ts";
import { parseDuration } from "../operate/queue/index.ts";
import { CommandError } from "./exit.ts";
import { print, printRows, type Row } from "./output.ts";
import { inDirectory, siteConfig, withConfig, type SiteOptions } from "./site-options.ts";

export function listsCommands(program: Command): void {
  const lists = program
    .command("lists")
    .description("the lists of strangers that this server asks: how they are, whom they kept out");
  healthCommand(lists);
  amnestyCommand(lists);
}

function healthCommand(lists: Command): void {
  withConfig(lists.command("health"))
    .description("which lists have a vote, since when and why not, and how they answer")
    .option("--json", "as JSON")
    .action((options: SiteOptions & { json?: boolean }) =>
      inDirectory(options, (store) => {
        const all = listsHealth(siteConfig(options).config, store);
        if (options.json === true) return print(JSON.stringify(all, null, 2));
        printRows(all.map(healthRow), false, "no lists; the setting [[lists]] names some");
        const notes = healthNotes(all);
        if (notes.length > 0) print(`\n${notes.join("\n")}`);
      }),
    );
}

function healthRow(one: ShownHealth): Row {
  return {
    list: one.list,
    mode: one.mode,
    state: one.state,
    since: shortTime(one.since),
    hits: hitsText(one),
    usual: usualText(one),
    ms: one.latencyMs,
    probed: shortTime(one.lastProbe?.at ?? null),
  };
}

interface AmnestyOptions extends SiteOptions {
  readonly since?: number;
  readonly until?: number;
  readonly mail?: boolean;
  readonly json?: boolean;
}

function amnestyCommand(lists: Command): void {
  withConfig(lists.command("amnesty <list>"))
    .description("whom a list kept out when it was last wrong, or in a time that is given")
    .option("--since <time>", "such as 2026-01-31T10:00Z, or 3h or 2d back", moment)
    .option("--until <time>", "likewise; otherwise until now", moment)
    .option("--mail", "also write to each user here whose mail was kept out")
    .option("--json", "as JSON")
    .action((name: string, options: AmnestyOptions) =>
      inDirectory(options, async (store) => {
        const { config } = siteConfig(options);
        const list = config.lists.find((one) => one.name.toLowerCase() === name.toLowerCase());
        if (list === undefined)
          throw new CommandError(
            `there is no list ${name}; expected one of ${config.lists.map((one) => one.name).join(", ")}`,
          );
        const window = windowOf(options, list, keptHealth(list, store)?.health.windows.at(-1));
        const all = await keptOut(store.journal, list.name, window);
        const mails =
          options.mail === true
            ? await mailAmnesty(config, store, { list: list.name, window, all })
            : undefined;
        if (options.json === true) return print(amnestyJson(list, window, all, mails));
        printKeptOut(list, window, all);
        if (mails !== undefined) printMails(mails);
      }),
    );
}

/** What was decided in the moment in which it was found out is within. */
const SLACK_MS = 1000;

function windowOf(
  { since, until }: AmnestyOptions,
  { name }: List,
  last: { readonly from: number; readonly until: number } | undefined,
): AmnestyWindow {
  if (since === undefined && until === undefined && last !== undefined)
    return { since: last.from, until: last.until + SLACK_MS };
  if (since === undefined)
    throw new CommandError(
      last === undefined
        ? `${name} has not been found wrong while it had a vote; say --since, such as --since 2d`
        : "--until is given; say --since too, such as --since 2d",
    );
  const window = { since, until: until ?? systemClock.now() };
  if (window.since < window.until) return window;
  throw new CommandError("--since is not before --until");
}

function amnestyJson(
  { name }: List,
  { since, until }: AmnestyWindow,
  all: readonly KeptOut[],
  mails: readonly AmnestyMail[] | undefined,
): string {
  return JSON.stringify(
    {
      list: name,
      since: new Date(since).toISOString(),
      until: new Date(until).toISOString(),
      keptOut: all.map((one) => ({ ...one, at: new Date(one.at).toISOString() })),
      ...(mails !== undefined && { mails }),
    },
    null,
    2,
  );
}

function printKeptOut(list: List, { since, until }: AmnestyWindow, all: readonly KeptOut[]): void {
  const when = `${timeText(since)} to ${timeText(until)} UTC`;
  printRows(all.map(keptOutRow), false, `${list.name} kept nobody out, ${when}`);
  if (all.length === 0) return;
  const refused = all.filter(({ action }) => action === "refuse").length;
  print(
    `\n${list.name}, ${when}: ${refused} refused, ${all.length - refused} told to come again. Not all of them may have been wronged`,
  );
}

function keptOutRow({
  at,
  client,
  sender,
  recipient,
  action,
  times,
  because,
  others,
}: KeptOut): Row {
  return {
    time: timeText(at),
    client,
    sender: sender === "" ? "<>" : visible(sender),
    recipient: visible(recipient),
    was: action === "refuse" ? "refused" : "put off",
    times,
    because,
    "others that say so": others.length === 0 ? null : others,
  };
}

function printMails(mails: readonly AmnestyMail[]): void {
  for (const { address, senders, problem } of mails)
    print(
      problem === undefined
        ? `wrote to ${address} of ${senders === 1 ? "1 sender" : `${senders} senders`}`
        : `could not write to ${address}: ${problem}`,
    );
  if (mails.length === 0) print("nobody here was to be written to");
}

function timeText(at: number): string {
  return shortTime(new Date(at).toISOString());
}

function moment(text: string): number {
  const age = parseDuration(text);
  if (age !== undefined) return systemClock.now() - age;
  const at = /^[0-9]{4}-[0-9]{2}-[0-9]{2}/.test(text) ? Date.parse(text) : NaN;
  if (Number.isFinite(at)) return at;
  throw new InvalidArgumentError("expected a time such as 2026-01-31T10:00Z, or 3h or 2d back");
}
