/**
 * How well a client is known by its address alone, before it sends a message: whether that has a name that leads back to it. By default
 * not asked of addresses within, of which the DNS of the world knows nothing. Promises: what the DNS does not say makes nobody known.
 */
import { ipReach, type IdentityLevel, type Ip } from "../../mail/index.ts";
import { levelOf } from "../../policy/identity/index.ts";
import type { Authentication } from "../authentication/index.ts";

export interface ClientLevelsDeps {
  readonly authentication: Pick<Authentication, "iprev">;
  /** Clients with a loopback or private address are asked about too. */
  readonly privateClients: boolean;
}

export class ClientLevels {
  readonly #deps: ClientLevelsDeps;

  constructor(deps: ClientLevelsDeps) {
    this.#deps = deps;
  }

  of(ip: Ip): IdentityLevel | Promise<IdentityLevel> {
    const { authentication, privateClients } = this.#deps;
    if (!privateClients && ipReach(ip) !== "public") return "none";
    return authentication.iprev(ip).then((iprev) => levelOf({ iprev }));
  }
}
