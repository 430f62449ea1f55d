/**
 * Servers whose TLS failed, and until when they are spoken to without. Only where TLS is a kindness and not a demand: whoever
 * can break a handshake can as well take the offer of STARTTLS away (RFC 7435). The one remembered longest is forgotten first.
 */
import type { Ip } from "../../mail/index.ts";
import type { Clock } from "../../runtime/index.ts";

const REMEMBERED = 1000;

export class ClearServers {
  readonly #clock: Clock;
  readonly #forMs: number;
  readonly #until = new Map<Ip, number>();

  constructor(clock: Clock, forMs: number) {
    this.#clock = clock;
    this.#forMs = forMs;
  }

  add(ip: Ip): void {
    this.#until.delete(ip);
    const [oldest] = this.#until.keys();
    if (this.#until.size >= REMEMBERED && oldest !== undefined) this.#until.delete(oldest);
    this.#until.set(ip, this.#clock.elapsed() + this.#forMs);
  }

  has(ip: Ip): boolean {
    const until = this.#until.get(ip);
    if (until === undefined) return false;
    if (this.#clock.elapsed() < until) return true;
    this.#until.delete(ip);
    return false;
  }
}
