/** The relay policy of a site: its directory seen by routing, its stages. The server, the proof and the tests build it here. */
import type { Config } from "../config/index.ts";
import { localKey } from "../mail/index.ts";
import { stages, type Stages } from "../policy/checks/index.ts";
import { Routing, type RoutingDirectory } from "../policy/routing/index.ts";

export interface SitePolicy {
  readonly routing: Pick<Routing, "route" | "leadsTo">;
  readonly stages: Stages;
}

/** What the server runs on and what is proved are built by the same function; tests of the proof hand in broken ones. */
export type BuildPolicy = (directory: RoutingDirectory, config: Config) => SitePolicy;

export const sitePolicy: BuildPolicy = (directory, { postmaster: { local, host } }) => {
  const postmaster = () =>
    host.kind === "domain" ? directory.mailbox(localKey(local), host.domain) : undefined;
  return {
    routing: new Routing({ directory, postmaster }),
    stages: stages(),
  };
};
