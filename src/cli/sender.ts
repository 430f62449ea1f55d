/** `gatepost mailbox allow-sender` and `deny-sender`: what a mailbox may send as besides its own addresses. */
import type { Command } from "commander";
import { formatLocalPart, type SenderGrant } from "../mail/index.ts";
import { print } from "./output.ts";
import { settle } from "./settle.ts";
import { inDirectory, withConfig, type SiteOptions } from "./site-options.ts";

export function senderCommands(mailbox: Command): void {
  for (const [kind, description, done] of [
    ["allow-sender", "let it send as another address, or as any of @domain", "may send as"],
    ["deny-sender", "take that back", "may no longer send as"],
  ] as const)
    withConfig(mailbox.command(`${kind} <address> <sender>`))
      .description(description)
      .action((address: string, sender: string, options: SiteOptions) =>
        inDirectory(options, async ({ administration }) => {
          settle(await administration.mailboxes.changeSender(address, sender, kind));
          print(`${address} ${done} ${sender}`);
        }),
      );
}

/** As it is typed. */
export function senderText({ local, domain }: SenderGrant): string {
  return `${local === undefined ? "" : formatLocalPart(local)}@${domain}`;
}
