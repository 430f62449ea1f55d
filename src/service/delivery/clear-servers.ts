/**
 * Servers whose TLS failed, and until when they are spoken to without. Only where TLS is a kindness and not a demand: whoever
 * can break a handshake can as well take the offer of STARTTLS away (RFC 7435). The one remembered longest is forgotten first.
 */
import type { Endpoint } from "../../net/index.ts";
import type { Clock } from "../../runtime/index.ts";

const REMEMBERED = 1000;

export class ClearServers {
  readonly #clock: Clock;
  readonly #forMs: number;
  readonly #until = new Map<string, number>();

  constructor(clock: Clock, forMs: number) {
    this.#clock = clock;
    this.#forMs = forMs;
  }

  add(endpoint: Endpoint): void {
    const server = serverAt(endpoint);
    this.#until.delete(server);
    const [oldest] = this.#until.keys();
    if (this.#until.size >= REMEMBERED && oldest !== undefined) this.#until.delete(oldest);
    this.#until.set(server, this.#clock.elapsed() + this.#forMs);
  }

  has(endpoint: Endpoint): boolean {
    const server = serverAt(endpoint);
    const until = this.#until.get(server);
    if (until === undefined) return false;
    if (this.#clock.elapsed() < until) return true;
    this.#until.delete(server);
    return false;
  }
}

/** Whatever its port. */
function serverAt(endpoint: Endpoint): string {
  return "ip" in endpoint ? endpoint.ip : endpoint.socket;
}
