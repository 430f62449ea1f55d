/** Testing another mail server for open relay: who may be tested, what is tried, what it shows, and how it is mended. */
export {
  consentToken,
  hasDecided,
  isNear,
  judgeConsent,
  type Consent,
  type Shown,
  type TestCause,
} from "./consent.ts";
export { untestedFindings, worstVerdict, type Findings } from "./findings.ts";
export { summary, testFindings } from "./findings-of-test.ts";
export { proofFindings, proofHeadline } from "./findings-of-proof.ts";
export { verdictOf, wordsOf, type Grade, type Verdict } from "./grade.ts";
export { endpointText, type Endpoint, type Machine, type NotReached } from "./machine.ts";
export { evidenceOf, type Evidence } from "./evidence.ts";
export type { Found, KeptVisit, WayBack } from "./found.ts";
export { keptJson, keptReport, verdictAsOfNow, type KeptTest } from "./kept-test.ts";
export {
  MemoryOfNow,
  TOKEN_LIFE_MS,
  type BegunTest,
  type ExpectedCase,
  type TestMemory,
  type TriedCase,
} from "./memory.ts";
export { NotTested, type NotTestedReason } from "./not-tested.ts";
export { optedOut, readOptOuts, type OptOuts } from "./opt-outs.ts";
export type { Knowledge } from "./remote-names.ts";
export { htmlReport, type ReportMaker } from "./report-html.ts";
export { moment } from "./report-html-vectors.ts";
export { junitReport } from "./report-junit.ts";
export { testJson } from "./report-json.ts";
export { testReport, transcripts } from "./report-text.ts";
export { isWhole, resultAsOfNow, type TestResult } from "./result.ts";
export { readReturn, type Returned } from "./returns.ts";
export { greetingOf } from "./session.ts";
export { SinkDesk, type SinkDeps } from "./sink-desk.ts";
export { REPLY_TIME_MS } from "./talker.ts";
export {
  aboutOf,
  findEndpoints,
  type Found as FoundEndpoints,
  parseHostName,
  parsePorts,
  parseTarget,
  type Target,
} from "./target.ts";
export { testServer, type TestOptions } from "./test-server.ts";
export { doubtOfOwnServer } from "./own-server.ts";
export { makeToken, readToken, type Token } from "./token.ts";
