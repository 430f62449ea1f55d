/** `gatepost mailbox app-password …`: passwords for single devices and programs, each of which can be taken back alone. */
import { Option, type Command } from "commander";
import { systemRandom } from "../runtime/index.ts";
import { generateAppPassword } from "../service/accounts/index.ts";
import type { AppPasswordEntry, AppPasswordProtocol } from "../store/index.ts";
import { dayText, print, printRows, type Row } from "./output.ts";
import { settle, valueOr } from "./settle.ts";
import { inDirectory, withConfig, type SiteOptions } from "./site-options.ts";

const PROTOCOLS: readonly AppPasswordProtocol[] = ["pop3", "smtp", "any"];

interface AddOptions extends SiteOptions {
  readonly name: string;
  readonly protocol: AppPasswordProtocol;
}

export function appPasswordCommands(mailbox: Command): void {
  const appPassword = mailbox
    .command("app-password")
    .description("passwords for single devices and programs");
  addCommand(appPassword);
  listCommand(appPassword);
  removeCommand(appPassword);
}

function addCommand(appPassword: Command): void {
  withConfig(appPassword.command("add <address>"))
    .description("make one and show it, this once")
    .requiredOption("--name <name>", "what it is for, such as phone")
    .addOption(
      new Option("--protocol <protocol>", "where it is taken").choices(PROTOCOLS).default("any"),
    )
    .action((address: string, { name, protocol, ...options }: AddOptions) =>
      inDirectory(options, async ({ administration }) => {
        const password = generateAppPassword(systemRandom);
        settle(
          await administration.mailboxes.addAppPassword(address, { name, protocol, password }),
        );
        print(`app password "${name}" of ${address}  ${password}`);
      }),
    );
}

function listCommand(appPassword: Command): void {
  withConfig(appPassword.command("list <address>"))
    .description("those that a mailbox has, and when each was used last")
    .option("--json", "as JSON")
    .action((address: string, options: SiteOptions & { json?: boolean }) =>
      inDirectory(options, ({ administration, directory }) => {
        const { id } = valueOr(administration.mailboxes.find(address));
        const rows = directory.appPasswords(id).map(row);
        printRows(rows, options.json === true, `${address} has no app passwords`);
      }),
    );
}

function removeCommand(appPassword: Command): void {
  withConfig(appPassword.command("remove <address>"))
    .description("take one back, at once; sessions that stand go on")
    .requiredOption("--name <name>", "which")
    .action((address: string, { name, ...options }: SiteOptions & { name: string }) =>
      inDirectory(options, async ({ administration }) => {
        settle(await administration.mailboxes.removeAppPassword(address, name));
        print(`removed the app password "${name}" of ${address}`);
      }),
    );
}

/** A use is noted once a day, so a day is all that can be shown of it. */
function row({ name, protocol, createdAt, lastUsedAt }: AppPasswordEntry): Row {
  return {
    name,
    protocol,
    created: new Date(createdAt).toISOString(),
    "last used": lastUsedAt === undefined ? null : dayText(lastUsedAt),
  };
}
