/** From a report to an entry and off the list again: who is reported, when he is tested, what a test makes of him. */
export { causeText, type Cause } from "./cause.ts";
export { findingOf, type Finding } from "./finding.ts";
export { afterPostponing } from "./asked.ts";
export { attend, attendToReturn } from "./attend.ts";
export {
  conclude,
  dismiss,
  kept,
  listAgain,
  RETRY_MS,
  type Concluded,
  type Examined,
} from "./conclusion.ts";
export type { Attending, Examiner, TestOnRecord, TestOrder } from "./examiner.ts";
export { testedEntry, type ListAct, type TestsAbout } from "./entries.ts";
export { afterHolding, afterListing } from "./in-the-way.ts";
export { afterFinding, type Judged, type Listed } from "./judged.ts";
export { reportSuspect, suspectAddress, type Report } from "./report.ts";
export { requestTest, type Asker, type Request } from "./request.ts";
export type { SuspectSettings } from "./settings.ts";
export { stayMs } from "./schedule.ts";
export { changed, scheduleOf, type SuspectSite } from "./site.ts";
export { reportText, testCause } from "./test-cause.ts";
export {
  keptSuspect,
  STANDINGS,
  suspectFacts,
  type Asked,
  type LastTest,
  type Standing,
  type Suspect,
} from "./suspect.ts";
export { TrapReports, type TrapReport } from "./traps.ts";
export { dismissed, isLetBe, workFor, type Work } from "./work.ts";
