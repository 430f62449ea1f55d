/**
 * Who is sending in a session, as policy asks about him. Promises: what is decided about a message does not change in its middle, but a peer that
 * was taken away, or a pair of it, is gone at the next command; how well a stranger is known is asked once, where somebody wants to know.
 */
import type { IdentityLevel, Login } from "../../mail/index.ts";
import type { Client } from "../../policy/checks/index.ts";
import { levelOf } from "../../policy/identity/index.ts";
import type { ReceiveDeps, ReceivedFrom } from "./deps.ts";
import type { SessionCaller } from "./session-caller.ts";

export class SendingClient {
  readonly #deps: Pick<ReceiveDeps, "trustedNetwork" | "clientLevels">;
  readonly #from: ReceivedFrom;
  readonly #caller: Pick<SessionCaller, "current">;
  #current: Client;
  /** By its address. */
  #level: IdentityLevel | Promise<IdentityLevel> | undefined;

  constructor(
    deps: Pick<ReceiveDeps, "trustedNetwork" | "clientLevels">,
    from: ReceivedFrom,
    caller: Pick<SessionCaller, "current">,
  ) {
    this.#deps = deps;
    this.#from = from;
    this.#caller = caller;
    this.#current = { ip: from.ip };
  }

  /** As of the last MAIL. */
  get current(): Client {
    return this.#current;
  }

  /** With MAIL. */
  begin(login: Login | undefined): void {
    const { ip } = this.#from;
    const network = this.#deps.trustedNetwork(ip);
    this.#current = {
      ip,
      ...(login !== undefined && { login: login.address }),
      ...(network !== undefined && { network }),
    };
  }

  /** Asked anew for each recipient. */
  withPeer(): Client {
    const caller = this.#caller.current;
    return caller.kind === "peer" ? { ...this.#current, peer: caller.peer } : this.#current;
  }

  /** Before the message: the certificate, as it counts at this moment, or else the address. */
  knownLevel(): IdentityLevel | Promise<IdentityLevel> {
    const level = levelOf({ caller: this.#caller.current });
    if (level !== "none") return level;
    return (this.#level ??= this.#deps.clientLevels?.of(this.#from.ip) ?? "none");
  }
}
