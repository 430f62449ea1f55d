/** Puts the parts together: makes a site, proves it, serves it, changes its directory. No logic of its own. */
export { mailAmnesty, type AmnestyMail } from "./amnesty.ts";
export { keptHealth, listsHealth } from "./list-health.ts";
export { publishedFiles, unservedText, type PublishedFile } from "./unserved.ts";
export { lookUpInLists } from "./lookup.ts";
export { Administration } from "./administration.ts";
export { everyAlias, everyMailbox } from "./directory-pages.ts";
export { asksForCertificates, inviteMailbox, invitePeer } from "./invitation.ts";
export { PeerAdministration, type PeerWanted } from "./peers.ts";
export type { TrustWanted } from "./peer-options.ts";
export type { Outcome } from "./proved-changes.ts";
export { innerHosts, recipientVerifier, type InnerHostDeps } from "./inner-host.ts";
export { siteJudges } from "./judging.ts";
export { rehearsalHead, staleFacts } from "./rehearsing.ts";
export { askLive } from "./live.ts";
export { SERVICES, type ServiceName } from "./listeners.ts";
export { openListFiles } from "./list-files.ts";
export {
  openListAdministration,
  type InFile,
  type ListAdministration,
} from "./list-administration.ts";
export { exportedText, writeExport } from "./list-export.ts";
export { hashOfFile, readImport, type ImportFormat } from "./list-import.ts";
export { ownSubjects } from "./own-subjects.ts";
export { listRows, type ListRow } from "./list-rows.ts";
export { openServerLog } from "./log.ts";
export { backUpSite, restoreSite, type Restored } from "./backup.ts";
export { openDirectory, type DirectorySession } from "./directory-session.ts";
export { checkDomain, domainFacts } from "./domain-records.ts";
export { sitePolicy, type BuildPolicy, type SitePolicy } from "./policy.ts";
export { checkPostmaster } from "./postmaster.ts";
export { isUnusedHere, unknownRecipientsText } from "./unknown-recipients.ts";
export { leadsAbroad, mailHops, relayEdges, type MailHop, type RelayEdge } from "./relay-edges.ts";
export { checkRelay } from "./relay-settings.ts";
export { checkSuspects } from "./suspect-settings.ts";
export { proofTarget, proveSite, type SiteProof } from "./proof.ts";
export {
  GatepostServer,
  ProofFailed,
  SERVER_PARTS,
  STOP_GRACE_MS,
  type OpenPort,
  type ServerParts,
} from "./server.ts";
export { MACHINE_FACTS_MS, TrustedNetworks, type TrustedNetworksDeps } from "./trusted-networks.ts";
export { askedBefore, RelayTester, type TesterPlan, type TestWanted } from "./relay-tester.ts";
export { openTestHistory, openTestStore, type TestStore } from "./test-store.ts";
export { sitesTester } from "./tester-plan.ts";
export { suspectSite } from "./suspect-site.ts";
export { NetSubmitter } from "./submitter.ts";
export { allAddresses, CONFIG_NAME, makeSite, SiteError, type SitePlan } from "./site.ts";
