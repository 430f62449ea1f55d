/** The domains of ours whose mailboxes are elsewhere, as the setting `relay.domains` names them. */
import type { Config } from "../config/index.ts";
import type { Domain } from "../mail/index.ts";
import type { InnerHost } from "../policy/routing/index.ts";

/** By domain: who has its mailboxes. */
export function gatewayHosts({ relay }: Pick<Config, "relay">): ReadonlyMap<Domain, InnerHost> {
  return new Map(relay.domains.map(({ domain, host }) => [domain, host]));
}
