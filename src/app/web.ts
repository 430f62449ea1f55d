/** Puts a conversation with a client of the web together: Node's HTTP, and our answers. It is handed no way into mail. */
import type { Config } from "../config/index.ts";
import { HttpDialogue, type HttpLimits, type OpenDialogue } from "../net/index.ts";
import { stsPolicy } from "../operate/doctor/index.ts";
import type { Clock, Log } from "../runtime/index.ts";
import type { Store } from "../store/index.ts";
import { answerWeb, type WebSite } from "../web/index.ts";
import { clientPorts } from "./domain-records.ts";
import { gatewayHosts } from "./gateways.ts";
import { listedSite, type FilesOf } from "./listed-site.ts";

export interface WebDeps {
  readonly config: Config;
  readonly store: Pick<Store, "directory" | "published" | "suspects" | "relayTests">;
  readonly publishedFiles: FilesOf;
  readonly log: Log;
  readonly clock: Clock;
}

export function openWeb(deps: WebDeps): OpenDialogue {
  const { config, store, log } = deps;
  const { directory } = store;
  const gateways = gatewayHosts(config);
  const listed = listedSite(deps);
  const site: WebSite = {
    hostname: config.hostname,
    stsPolicy: stsPolicy({ hostname: config.hostname, mtaSts: config.mta_sts }),
    mailPorts: clientPorts(config),
    isOwnDomain: (domain) => directory.domain(domain) !== undefined,
    hasMailboxes: (domain) => !gateways.has(domain),
    ...(listed !== undefined && { listed }),
  };
  const parts = { answer: answerWeb.bind(undefined, site), limits: httpLimits(config), log };
  return (peer, wire) => new HttpDialogue(parts, peer, wire);
}

/** From the configuration's units to the connection's. */
function httpLimits({ http, limits }: Config): HttpLimits {
  return {
    headerOctets: http.header_bytes,
    requestMs: http.request_seconds * 1000,
    crowdedMs: limits.crowded_seconds * 1000,
    requests: http.requests,
  };
}
