/** Changes of peers, inside a transaction that somebody else began. Each says why it cannot be made; undefined when it was. */
import type { Peer, PeerTrust } from "../../mail/index.ts";
import type { DirectoryChange, PeerAuthority } from "../index.ts";
import type { Connection } from "./connection.ts";
import type { SqliteDirectoryReads } from "./directory-reads.ts";

type Change<Kind extends DirectoryChange["kind"]> = DirectoryChange & { readonly kind: Kind };

export function addPeer(
  connection: Connection,
  reads: SqliteDirectoryReads,
  { peer, expiresAt }: Change<"add-peer" | "set-peer">,
  now: number,
): string | undefined {
  if (reads.peer(peer.name) !== undefined) return `there is already a peer ${peer.name}`;
  connection
    .query(
      `INSERT INTO peer (name, trust, keys, authority, names, created_at, expires_at)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(peer.name, ...trustColumns(peer.trust), now, expiresAt ?? null);
  insertRelays(connection, peer);
  return undefined;
}

/** When it was seen stays. */
export function setPeer(
  connection: Connection,
  reads: SqliteDirectoryReads,
  { peer, expiresAt }: Change<"add-peer" | "set-peer">,
): string | undefined {
  if (reads.peer(peer.name) === undefined) return `there is no peer ${peer.name}`;
  deleteRelays(connection, peer.name); // first: each of them names the trust that it rests on
  connection
    .query(
      `UPDATE peer SET trust = ?, keys = ?, authority = ?, names = ?, expires_at = coalesce(?, expires_at)
       WHERE name = ?`,
    )
    .run(...trustColumns(peer.trust), expiresAt ?? null, peer.name);
  insertRelays(connection, peer);
  return undefined;
}

export function removePeer(
  connection: Connection,
  reads: SqliteDirectoryReads,
  { name }: Change<"remove-peer">,
): string | undefined {
  if (reads.peer(name) === undefined) return `there is no peer ${name}`;
  deleteRelays(connection, name);
  connection.query("DELETE FROM peer WHERE name = ?").run(name);
  return undefined;
}

export function makePeerAuthority(
  connection: Connection,
  reads: SqliteDirectoryReads,
  { certificate, privateKey }: PeerAuthority,
): string | undefined {
  if (reads.peerAuthority() !== undefined) return "there is an authority for peers already";
  connection.query("INSERT INTO peer_authority VALUES (1, ?, ?)").run(certificate, privateKey);
  return undefined;
}

function trustColumns(trust: PeerTrust) {
  switch (trust.kind) {
    case "pin":
      return [trust.kind, JSON.stringify(trust.keys), null, null] as const;
    case "private authority":
      return [trust.kind, null, trust.authority, JSON.stringify(trust.names)] as const;
    case "public authority":
      return [trust.kind, null, null, JSON.stringify(trust.names)] as const;
  }
}

function insertRelays(connection: Connection, { name, trust, relays }: Peer): void {
  const insert = connection.query("INSERT OR IGNORE INTO peer_relay VALUES (?, ?, ?, ?)");
  for (const { sender, recipient } of relays) insert.run(name, trust.kind, sender, recipient);
}

function deleteRelays(connection: Connection, name: string): void {
  connection.query("DELETE FROM peer_relay WHERE peer = ?").run(name);
}
