/** What the answers are made of. Whoever knows the site (app) hands it in. */
import type { Domain } from "../mail/index.ts";
import type { ClientService } from "../operate/doctor/index.ts";
import type { ListedSite } from "./listed-site.ts";

export interface WebSite {
  /** The server's own name, under which mail programs find it. */
  readonly hostname: Domain;
  /** The text of the MTA-STS policy, which is the same for every domain. */
  readonly stsPolicy: string;
  /** Ports of services that are open and offer TLS. */
  readonly mailPorts: ReadonlyMap<ClientService, number>;
  /** Asked at each request, so that a new domain is served at once. */
  isOwnDomain(domain: Domain): boolean;
  /** Of a domain of ours: its mailboxes are here, and not on another host. */
  hasMailboxes(domain: Domain): boolean;
  /** Left out: no list is published here. */
  readonly listed?: ListedSite;
}
