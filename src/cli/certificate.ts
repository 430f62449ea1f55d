/** `gatepost mailbox certificate …`: certificates by which programs of a mailbox's owner log in to send, instead of a password. */
import type { Command } from "commander";
import { inviteMailbox } from "../app/index.ts";
import type { CertificateEntry } from "../store/index.ts";
import {
  invitationOf,
  printUnasked,
  withInvitation,
  type InvitationOptions,
} from "./invitation.ts";
import { dayText, print, printRows, type Row } from "./output.ts";
import { settle, valueOr } from "./settle.ts";
import { inDirectory, siteConfig, withConfig, type SiteOptions } from "./site-options.ts";

interface NameOptions extends SiteOptions {
  readonly name: string;
}

type InviteOptions = NameOptions & InvitationOptions;

/** Where one logs in to send. */
const PORTS = ["submissions", "submission"] as const;

export function certificateCommands(mailbox: Command): void {
  const certificate = mailbox
    .command("certificate")
    .description("certificates by which programs log in to send (SASL EXTERNAL)");
  addCommand(certificate);
  inviteCommand(certificate);
  listCommand(certificate);
  removeCommand(certificate);
}

function addCommand(certificate: Command): void {
  withName(withConfig(certificate.command("add <address>")), "what it is of, such as laptop")
    .description("let in whoever shows it, as this mailbox; what stands in it does not matter")
    .requiredOption("--pin <sha256:…>", "its public key")
    .action((address: string, { name, pin, ...options }: NameOptions & { pin: string }) =>
      inDirectory(options, async ({ certificates }) => {
        settle(await certificates.add(address, name, pin));
        print(`added the certificate "${name}" of ${address}`);
        printUnasked(options, PORTS);
      }),
    );
}

function inviteCommand(certificate: Command): void {
  const command = withInvitation(withConfig(certificate.command("invite <address>")));
  withName(command, "what it is for, such as laptop")
    .description("make one, and print settings for msmtp, Exim and Thunderbird")
    .action((address: string, { name, ...options }: InviteOptions) =>
      inDirectory(options, async (session) => {
        const invited = await inviteMailbox(siteConfig(options), session, address, {
          name,
          ...invitationOf(options),
        });
        settle(invited.outcome);
        print(invited.settings ?? "");
        print(`added the certificate "${name}" of ${address}, whose key is in ${invited.dir}`);
        print("hand it over, over a way that nobody else reads, and delete it here");
        printUnasked(options, PORTS);
      }),
    );
}

function listCommand(certificate: Command): void {
  withConfig(certificate.command("list <address>"))
    .description("those that a mailbox has, and when each was used last")
    .option("--json", "as JSON")
    .action((address: string, options: SiteOptions & { json?: boolean }) =>
      inDirectory(options, ({ administration, directory }) => {
        const { id } = valueOr(administration.mailboxes.find(address));
        const rows = directory.certificates(id).map(row);
        printRows(rows, options.json === true, `${address} has no certificates`);
      }),
    );
}

function removeCommand(certificate: Command): void {
  withName(withConfig(certificate.command("remove <address>")), "which")
    .description("take one back; sessions that stand send nothing from their next command on")
    .action((address: string, { name, ...options }: NameOptions) =>
      inDirectory(options, async ({ certificates }) => {
        settle(await certificates.remove(address, name));
        print(`removed the certificate "${name}" of ${address}`);
      }),
    );
}

function withName(command: Command, what: string): Command {
  return command.requiredOption("--name <name>", what);
}

/** A use is noted once a day, so a day is all that can be shown of it. */
function row({ name, key, createdAt, expiresAt, lastUsedAt }: CertificateEntry): Row {
  return {
    name,
    key: `sha256:${key}`,
    created: new Date(createdAt).toISOString(),
    "last used": lastUsedAt === undefined ? null : dayText(lastUsedAt),
    expires: expiresAt === undefined ? null : dayText(expiresAt),
  };
}
