/** What a domain needs outside of this program: the DNS records to publish, and whether they are there. */
export { checkRecords } from "./check.ts";
export { canSetUp } from "./client-records.ts";
export {
  CLIENT_SERVICES,
  type ClientService,
  type WebService,
  type DkimKey,
  type DomainFacts,
  type SmartHost,
} from "./facts.ts";
export { needsMending, type Finding, type Verdict } from "./finding.ts";
export { findingsText } from "./finding-text.ts";
export type { Publication } from "./publication.ts";
export { recordsOf } from "./records.ts";
export { publicationJson } from "./records-json.ts";
export { stsPolicy } from "./transport-records.ts";
export { zoneText } from "./zone-text.ts";
