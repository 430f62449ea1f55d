/** `gatepost peer …`: servers that are known by their certificates, and what they may relay. */
import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { invitePeer, type PeerWanted, type TrustWanted } from "../app/index.ts";
import type { PeerEntry } from "../store/index.ts";
import { CommandError } from "./exit.ts";
import {
  invitationOf,
  printUnasked,
  withInvitation,
  type InvitationOptions,
} from "./invitation.ts";
import { dayText, print, printRows, type Row } from "./output.ts";
import { settle } from "./settle.ts";
import { collect, inDirectory, siteConfig, withConfig, type SiteOptions } from "./site-options.ts";

interface KnownBy extends SiteOptions {
  readonly pin: readonly string[];
  readonly ca?: string;
  readonly public?: boolean;
  readonly name: readonly string[];
  /** False: none, which takes all away. */
  readonly relay?: readonly string[] | false;
}

interface InviteOptions extends InvitationOptions {
  readonly relay?: readonly string[];
}

export function peerCommands(program: Command): void {
  const peer = program
    .command("peer")
    .description("servers that are known by their certificates, and what they may relay");
  addCommand(peer);
  inviteCommand(peer);
  listCommand(peer);
  showCommand(peer);
  changeCommand(peer);
  removeCommand(peer);
}

function addCommand(peer: Command): void {
  withRelay(withTrust(withConfig(peer.command("add <name>"))))
    .description("know a server by its certificate (proved before it is committed)")
    .action((name: string, options: KnownBy) =>
      inDirectory(options, async ({ peers, directory }) => {
        settle(await peers.add(name, wanted(options)));
        print(`added ${name}; ${rightsText(directory.peer(name))}`);
        printUnasked(options, ["smtp"]);
      }),
    );
}

function inviteCommand(peer: Command): void {
  withInvitation(withRelay(withConfig(peer.command("invite <name>"))))
    .description(
      "make a certificate for a server and print its settings; again: a new key beside the old one",
    )
    .action((name: string, { relay, ...options }: InviteOptions) =>
      inDirectory(options, async (session) => {
        const invited = await invitePeer(siteConfig(options), session, name, {
          ...invitationOf(options),
          ...(relay !== undefined && { relays: relay }),
        });
        settle(invited.outcome);
        const entry = session.directory.peer(name);
        print(invited.settings ?? "");
        print(`${name} is known by ${keysText(entry)}; ${rightsText(entry)}`);
        print(
          `send ${invited.dir} to its administrator, over a way that nobody else reads, and delete it here`,
        );
        printUnasked(options, ["smtp"]);
      }),
    );
}

/** Whoever makes a new one must know that the old one counts still. */
function keysText(entry: PeerEntry | undefined): string {
  const isSecond = entry?.trust.kind === "pin" && entry.trust.keys.length > 1;
  return isSecond ? "this key, and by the one before until `peer change`" : "its key";
}

function listCommand(peer: Command): void {
  withConfig(peer.command("list"))
    .description("all peers, and when each was here last")
    .option("--json", "as JSON")
    .action((options: SiteOptions & { json?: boolean }) =>
      inDirectory(options, ({ directory }) => {
        const rows = directory.peers().map(row);
        printRows(
          rows,
          options.json === true,
          "no peers; `gatepost peer invite warehouse` makes one",
        );
      }),
    );
}

function showCommand(peer: Command): void {
  withConfig(peer.command("show <name>"))
    .description("one peer: by what it is known, and what it may relay")
    .option("--json", "as JSON")
    .action((name: string, options: SiteOptions & { json?: boolean }) =>
      inDirectory(options, ({ directory }) => {
        const entry = directory.peer(name);
        if (entry === undefined) throw new CommandError(`there is no peer ${name}`);
        if (options.json === true) return print(JSON.stringify(entry, null, 2));
        printRows([row(entry)], false, "");
        print(`\n${knownText(entry).join("\n")}\n${rightsText(entry)}`);
      }),
    );
}

function changeCommand(peer: Command): void {
  withRelay(withTrust(withConfig(peer.command("change <name>"))))
    .description(
      "know it by something else, or let it relay for other pairs (proved before it is committed)",
    )
    .option("--no-relay", "let it relay nothing")
    .action((name: string, options: KnownBy) =>
      inDirectory(options, async ({ peers, directory }) => {
        const change = wanted(options);
        if (change.trust === undefined && change.relays === undefined)
          return print("nothing to change; see `gatepost peer change --help`");
        settle(await peers.change(name, change));
        print(`changed ${name}; ${rightsText(directory.peer(name))}`);
      }),
    );
}

function removeCommand(peer: Command): void {
  withConfig(peer.command("remove <name>"))
    .description(
      "know it no more, from its next command on; what it has in the queue does not leave",
    )
    .action((name: string, options: SiteOptions) =>
      inDirectory(options, async ({ peers }) => {
        settle(await peers.remove(name));
        print(`removed ${name}; what it has in the queue will not leave`);
      }),
    );
}

function withTrust(command: Command): Command {
  return command
    .option("--pin <sha256:…>", "by its public key; a second one while it changes", collect, [])
    .option("--ca <file>", "by a private authority (PEM), for the names below")
    .option(
      "--public",
      "by any authority that this machine trusts, for the names below; it may relay nothing",
    )
    .option("--name <domain>", "a name in its certificate; may be given again", collect, []);
}

function withRelay(command: Command): Command {
  return command.option(
    "--relay <sender:recipient>",
    "let its mail from the one domain leave for the other; may be given again",
    (value: string, before: readonly string[] | undefined) => collect(value, before ?? []),
  );
}

function wanted({ pin, ca, public: publicAuthority, name, relay }: KnownBy): PeerWanted {
  const trust: TrustWanted = {
    ...(pin.length > 0 && { pins: pin }),
    ...(ca !== undefined && { authority: fileText(ca) }),
    ...(publicAuthority === true && { publicAuthority }),
    ...(name.length > 0 && { names: name }),
  };
  const relays = relay === false ? [] : relay;
  return {
    ...(Object.keys(trust).length > 0 && { trust }),
    ...(relays !== undefined && { relays }),
  };
}

function fileText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new CommandError(`--ca ${file} cannot be read`, { cause: error });
  }
}

function row({ name, trust, relays, expiresAt, lastSeen }: PeerEntry): Row {
  return {
    name,
    "known by": trust.kind,
    level: trust.kind === "public authority" ? "certificate" : "pinned",
    relays: relays.map(({ sender, recipient }) => `${sender}:${recipient}`),
    "last seen": lastSeen === undefined ? null : new Date(lastSeen.at).toISOString(),
    expires: expiresAt === undefined ? null : dayText(expiresAt),
  };
}

function knownText({ trust, lastSeen }: PeerEntry): readonly string[] {
  if (trust.kind !== "pin") return [`certificates for ${trust.names.join(", ")}`];
  return trust.keys.map(
    (key) => `key sha256:${key}${lastSeen?.key === key ? ", which it used last" : ""}`,
  );
}

function rightsText(entry: PeerEntry | undefined): string {
  const relays = entry?.relays ?? [];
  if (relays.length === 0) return "it may deliver here, and relay nothing";
  const pairs = relays.map(({ sender, recipient }) => `from ${sender} to ${recipient}`);
  return `it may deliver here, and relay ${pairs.join(", ")}`;
}
