/** Peers, what they may relay, and the authority that makes certificates for them, as one connection sees them. */
import type { Domain, Peer, PeerTrust, RelayPair } from "../../mail/index.ts";
import { StoreError, type PeerAuthority, type PeerEntry } from "../index.ts";
import type { Connection } from "./connection.ts";
import { integer, oneOf, optionalInteger, text, texts, type Row } from "./values.ts";

const PEER = `SELECT name, trust, keys, authority, names, created_at, expires_at, seen_at, seen_level, seen_key
  FROM peer`;

const RELAYS = "SELECT sender, recipient FROM peer_relay WHERE peer = ? ORDER BY sender, recipient";

export class PeerReads {
  readonly #all;
  readonly #named;
  readonly #relays;
  readonly #authority;

  constructor(connection: Connection) {
    this.#all = connection.query(`${PEER} ORDER BY name`);
    this.#named = connection.query(`${PEER} WHERE name = ?`);
    this.#relays = connection.query(RELAYS);
    this.#authority = connection.query("SELECT certificate, private_key FROM peer_authority");
  }

  all(): readonly PeerEntry[] {
    return this.#all.rows().map((row) => this.#entry(row));
  }

  named(name: string): PeerEntry | undefined {
    const row = this.#named.row(name);
    return row && this.#entry(row);
  }

  authority(): PeerAuthority | undefined {
    const row = this.#authority.row();
    return row && { certificate: text(row[0]), privateKey: text(row[1]) };
  }

  #entry(row: Row): PeerEntry {
    const [name, trust, keys, authority, names, createdAt, expires, seenAt, level, key] = row;
    const expiresAt = optionalInteger(expires);
    const at = optionalInteger(seenAt);
    return {
      ...peerOf(text(name), trustOf(trust, keys, authority, names), this.#relaysOf(text(name))),
      createdAt: integer(createdAt),
      ...(expiresAt !== undefined && { expiresAt }),
      ...(at !== undefined && {
        lastSeen: { at, level: oneOf(["certificate", "pinned"], level), key: text(key) },
      }),
    };
  }

  #relaysOf(peer: string): readonly RelayPair[] {
    return this.#relays
      .rows(peer)
      .map(([sender, recipient]) => ({ sender: asDomain(sender), recipient: asDomain(recipient) }));
  }
}

type Cell = Row[number] | undefined;

function trustOf(kind: Cell, keys: Cell, authority: Cell, names: Cell): PeerTrust {
  switch (oneOf(["pin", "private authority", "public authority"], kind)) {
    case "pin":
      return { kind: "pin", keys: texts(keys) };
    case "private authority":
      return {
        kind: "private authority",
        authority: text(authority),
        names: texts(names).map(asDomain),
      };
    case "public authority":
      return { kind: "public authority", names: texts(names).map(asDomain) };
  }
}

/** The schema has no relays of a public authority's peer; a file that has is not believed. */
function peerOf(name: string, trust: PeerTrust, relays: readonly RelayPair[]): Peer {
  if (trust.kind !== "public authority") return { name, trust, relays };
  if (relays.length === 0) return { name, trust, relays: [] };
  throw new StoreError(`the database is damaged: ${name} may relay and is known by name alone`);
}

/** It was a checked Domain when it was written. */
function asDomain(name: Cell): Domain {
  return text(name) as Domain;
}
