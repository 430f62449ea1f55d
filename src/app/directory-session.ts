/** A site's directory open for one command, beside a server that may be running. */
import type { LoadedConfig } from "../config/index.ts";
import { formatAddress } from "../mail/index.ts";
import { publicAuthorities } from "../net/index.ts";
import { formatInnerHost } from "../policy/routing/index.ts";
import { systemClock, systemRandom } from "../runtime/index.ts";
import { makeVerifiers } from "../service/accounts/index.ts";
import { generateDkimKeys } from "../service/signing/index.ts";
import { openSqliteStore } from "../store/sqlite/index.ts";
import type { DirectoryReads, Store } from "../store/index.ts";
import { Administration } from "./administration.ts";
import { CertificateAdministration } from "./certificates.ts";
import { parseLocalAddress } from "./local-address.ts";
import { gatewayHosts } from "./gateways.ts";
import { PeerAdministration } from "./peers.ts";
import { proveSite } from "./proof.ts";

export interface DirectorySession extends Pick<
  Store,
  | "directory"
  | "maildrops"
  | "journal"
  | "queue"
  | "reportMails"
  | "tlsReports"
  | "tlsResults"
  | "identityCounts"
  | "reportCounts"
  | "listHealth"
  | "openMessage"
> {
  readonly administration: Administration;
  readonly peers: PeerAdministration;
  readonly certificates: CertificateAdministration;
  readonly close: () => Promise<void>;
}

export async function openDirectory({
  config,
  storePath,
}: LoadedConfig): Promise<DirectorySession> {
  const postmaster = parseLocalAddress(formatAddress(config.postmaster));
  if (typeof postmaster === "string") throw new Error(postmaster); // the schema has just read it
  const store = await openSqliteStore({ path: storePath, exclusive: false });
  const { directory, maildrops, journal, queue } = store;
  const { reportMails, tlsReports, tlsResults, identityCounts, reportCounts, listHealth } = store;
  const gateways = gatewayHosts(config);
  const prove = async (after: DirectoryReads): Promise<string | undefined> => {
    const proof = await proveSite(config, after);
    return proof.holds ? undefined : proof.report;
  };
  const peers = new PeerAdministration({
    directory,
    hostname: config.hostname,
    isOurs: (domain) => gateways.has(domain) || directory.domain(domain) !== undefined,
    publicAuthorities,
    now: () => systemClock.now(),
    prove,
  });
  const administration = new Administration({
    directory,
    postmaster,
    mailboxesElsewhere: (domain) => {
      const host = gateways.get(domain);
      return host && formatInnerHost(host);
    },
    testerDomain: config.tester.domain,
    makeVerifiers: (password) => makeVerifiers(password, systemRandom),
    makeDkimKeys: (taken) => generateDkimKeys(systemClock.now(), taken),
    now: () => systemClock.now(),
    prove,
  });
  const certificates = new CertificateAdministration({
    directory,
    hostname: config.hostname,
    now: () => systemClock.now(),
  });
  const counts = { tlsReports, tlsResults, identityCounts, reportCounts, listHealth };
  const parts = { directory, maildrops, journal, queue, reportMails, ...counts };
  return {
    administration,
    peers,
    certificates,
    ...parts,
    openMessage: () => store.openMessage(),
    close: () => store.close(),
  };
}
