/** In which order servers are asked: as named, but one that was silent comes last for a while. */
import type { Clock } from "../runtime/index.ts";
import type { NameServer } from "./name-server.ts";

/** How long a silent server comes last, in milliseconds: the first question of each half minute may wait for it. */
const SILENCE_MS = 30_000;

export class ServerOrder {
  readonly #servers: readonly NameServer[];
  readonly #clock: Clock;
  readonly #silentUntil = new Map<NameServer, number>();

  constructor(servers: readonly NameServer[], clock: Clock) {
    this.#servers = servers;
    this.#clock = clock;
  }

  now(): readonly NameServer[] {
    const now = this.#clock.elapsed();
    const isSilent = (server: NameServer): boolean => (this.#silentUntil.get(server) ?? 0) > now;
    return [
      ...this.#servers.filter((server) => !isSilent(server)),
      ...this.#servers.filter(isSilent),
    ];
  }

  silent(server: NameServer): void {
    this.#silentUntil.set(server, this.#clock.elapsed() + SILENCE_MS);
  }

  spoke(server: NameServer): void {
    this.#silentUntil.delete(server);
  }
}
