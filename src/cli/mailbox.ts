/** `gatepost mailbox …`: who has mail here. */
import type { Command } from "commander";
import { everyMailbox } from "../app/index.ts";
import { parseDomain } from "../mail/index.ts";
import { octetsText } from "../runtime/index.ts";
import type { MailboxEntry } from "../store/index.ts";
import { appPasswordCommands } from "./app-password.ts";
import { certificateCommands } from "./certificate.ts";
import { CommandError } from "./exit.ts";
import { parseOctets, print, printRows, type Row } from "./output.ts";
import { newPassword, withPassword, type PasswordOptions } from "./password.ts";
import { settle, valueOr } from "./settle.ts";
import { senderCommands, senderText } from "./sender.ts";
import { inDirectory, withConfig, type SiteOptions } from "./site-options.ts";

interface SetOptions extends SiteOptions {
  readonly quota?: string;
  readonly disable?: boolean;
  readonly enable?: boolean;
  readonly sendingLimit?: string;
}

export function mailboxCommands(program: Command): void {
  const mailbox = program.command("mailbox").description("who has mail here");
  addCommand(mailbox);
  listCommand(mailbox);
  showCommand(mailbox);
  setCommand(mailbox);
  passwordCommand(mailbox);
  appPasswordCommands(mailbox);
  certificateCommands(mailbox);
  senderCommands(mailbox);
  removeCommand(mailbox);
}

function addCommand(mailbox: Command): void {
  withPassword(withConfig(mailbox.command("add <address>")))
    .description("make a mailbox; without a password one is made and shown")
    .option("--quota <size>", "most it may hold, such as 500M or 2G")
    .action((address: string, options: SiteOptions & PasswordOptions & { quota?: string }) =>
      inDirectory(options, async ({ administration }) => {
        const quota = options.quota === undefined ? undefined : size(options.quota);
        const { password, generated } = await newPassword(options);
        settle(await administration.mailboxes.add(address, password, quota ?? undefined));
        print(`added ${address}`);
        if (generated) print(`password  ${password}`);
      }),
    );
}

function listCommand(mailbox: Command): void {
  withConfig(mailbox.command("list [domain]"))
    .description("all mailboxes, or those of a domain")
    .option("--json", "as JSON")
    .action((name: string | undefined, options: SiteOptions & { json?: boolean }) =>
      inDirectory(options, ({ directory }) => {
        const domain = name === undefined ? undefined : parseDomain(name);
        if (name !== undefined && domain === undefined)
          throw new CommandError(`"${name}" is no domain name`);
        const json = options.json === true;
        const rows = [...everyMailbox(directory, domain)].map((entry) => row(entry, json));
        printRows(rows, json, "no mailboxes; `gatepost mailbox add you@example.org` makes one");
      }),
    );
}

function showCommand(mailbox: Command): void {
  withConfig(mailbox.command("show <address>"))
    .description("one mailbox and what it holds")
    .option("--json", "as JSON")
    .action((address: string, options: SiteOptions & { json?: boolean }) =>
      inDirectory(options, async ({ administration, directory, maildrops }) => {
        const entry = valueOr(administration.mailboxes.find(address));
        const messages = await maildrops.list(entry.id);
        const senders = directory.senderGrants(entry.id).map(senderText);
        if (options.json === true)
          return print(JSON.stringify({ ...row(entry, true), senders, messages }, null, 2));
        printRows([row(entry, false)], false, "");
        print("");
        if (senders.length > 0) print(`it may send as ${senders.join(", ")} too\n`);
        const held = messages.map(({ uid, octets }, i) => ({
          number: i + 1,
          uid,
          size: octetsText(octets),
        }));
        printRows(held, false, "it holds no messages");
      }),
    );
}

function setCommand(mailbox: Command): void {
  withConfig(mailbox.command("set <address>"))
    .description("change its quota or how much it may send; switch it off or on")
    .option("--quota <size>", 'most it may hold, such as 500M; "none" for no limit')
    .option("--sending-limit <times>", 'so many times the usual limits, such as 5x; "usual"')
    .option("--disable", "no login and no new mail; what it holds stays")
    .option("--enable", "login and mail again")
    .action((address: string, options: SetOptions) =>
      inDirectory(options, async ({ administration }) => {
        const change = changes(options);
        settle(await administration.mailboxes.set(address, change));
        print(`changed ${address}`);
      }),
    );
}

function passwordCommand(mailbox: Command): void {
  withPassword(withConfig(mailbox.command("passwd <address>")))
    .description("give it a new password")
    .action((address: string, options: SiteOptions & PasswordOptions) =>
      inDirectory(options, async ({ administration }) => {
        valueOr(administration.mailboxes.find(address));
        const { password, generated } = await newPassword(options);
        settle(await administration.mailboxes.setPassword(address, password));
        print(
          generated ? `new password of ${address}  ${password}` : `${address} has a new password`,
        );
      }),
    );
}

function removeCommand(mailbox: Command): void {
  withConfig(mailbox.command("remove <address>"))
    .description("remove a mailbox and all mail in it")
    .option("--yes", "even if it holds mail")
    .action((address: string, options: SiteOptions & { yes?: boolean }) =>
      inDirectory(options, async ({ administration }) => {
        const entry = valueOr(administration.mailboxes.find(address));
        if (entry.messages > 0 && options.yes !== true)
          throw new CommandError(
            `${address} holds ${entry.messages} messages, which would be lost; add --yes if that is meant`,
          );
        settle(await administration.mailboxes.remove(address));
        print(`removed ${address}`);
      }),
    );
}

function changes({ quota, disable, enable, sendingLimit }: SetOptions) {
  if (disable === true && enable === true)
    throw new CommandError("--disable and --enable exclude each other");
  const none = quota === undefined && sendingLimit === undefined;
  if (none && disable !== true && enable !== true)
    throw new CommandError("nothing to set; see `gatepost mailbox set --help`");
  return {
    ...(quota !== undefined && { quotaOctets: size(quota) }),
    ...(sendingLimit !== undefined && { sendingFactor: factor(sendingLimit) }),
    ...(disable === true && { disabled: true }),
    ...(enable === true && { disabled: false }),
  };
}

function size(text: string): number | null {
  if (text === "none") return null;
  const octets = parseOctets(text);
  if (octets === undefined || octets === 0)
    throw new CommandError(`--quota ${text}: expected a size such as 500M or 2G, or none`);
  return octets;
}

/** There is no "none": a stolen password would send without end. */
function factor(text: string): number | null {
  if (text === "usual") return null;
  const times = /^([1-9][0-9]{0,3})x?$/.exec(text)?.[1];
  if (times === undefined)
    throw new CommandError(`--sending-limit ${text}: expected 1x to 9999x, or usual`);
  return Number(times);
}

/** Scripts get octets, people get a size they can read. */
function row(entry: MailboxEntry, json: boolean): Row {
  const { local, domain, disabled, messages, usedOctets, quotaOctets, sendingFactor } = entry;
  const amount = (octets: number) => (json ? octets : octetsText(octets));
  return {
    mailbox: `${local}@${domain}`,
    messages,
    used: amount(usedOctets),
    quota: quotaOctets === undefined ? null : amount(quotaOctets),
    disabled,
    sending: sendingFactor === undefined ? "usual" : `${sendingFactor}x`,
    created: new Date(entry.createdAt).toISOString(),
  };
}
