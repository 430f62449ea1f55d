/** From a report to an entry and off the list again: who is reported, when he is tested, what a test makes of him. */
export type { Cause } from "./cause.ts";
export { attend, attendToReturn } from "./attend.ts";
export { kept, RETRY_MS } from "./conclusion.ts";
export type { Attending, Examiner, TestOnRecord, TestOrder } from "./examiner.ts";
export { testedEntry } from "./entries.ts";
export { reportSuspect, suspectAddress } from "./report.ts";
export { requestTest } from "./request.ts";
export type { SuspectSettings } from "./settings.ts";
export { stayMs } from "./schedule.ts";
export { scheduleOf, type SuspectSite } from "./site.ts";
export { reportText } from "./test-cause.ts";
export { keptSuspect, STANDINGS, type Standing, type Suspect } from "./suspect.ts";
export { TrapReports } from "./traps.ts";
export { isLetBe } from "./work.ts";
