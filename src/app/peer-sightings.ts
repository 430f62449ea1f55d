/** When peers were here: noted once a minute of each at most, for a busy one has many sessions in a second. */
import { X509Certificate } from "node:crypto";
import type { Caller } from "../policy/identity/index.ts";
import type { Clock } from "../runtime/index.ts";
import type { Directory } from "../store/index.ts";

/** Milliseconds between two notes of the same peer with the same key. */
const SIGHTING_MS = 60_000;

/** Names that are remembered; when there are more, all are forgotten. */
const REMEMBERED = 1000;

export class PeerSightings {
  readonly #directory: Pick<Directory, "notePeerSeen">;
  readonly #clock: Clock;
  readonly #noted = new Map<string, { readonly at: number; readonly key: string }>();

  constructor(directory: Pick<Directory, "notePeerSeen">, clock: Clock) {
    this.#directory = directory;
    this.#clock = clock;
  }

  /** `own`: the certificate that it has shown, DER, and `key` the digest of its key. */
  note({ peer, level }: Caller & { readonly kind: "peer" }, own: Uint8Array, key: string): void {
    const at = this.#clock.now();
    const before = this.#noted.get(peer.name);
    if (before !== undefined && before.key === key && at - before.at < SIGHTING_MS) return;
    if (this.#noted.size === REMEMBERED) this.#noted.clear();
    this.#noted.set(peer.name, { at, key });
    const expiresAt = new X509Certificate(own).validToDate.getTime();
    this.#directory.notePeerSeen(peer.name, { at, level, key, expiresAt });
  }
}
