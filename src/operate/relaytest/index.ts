/** The relay catalogue, its runner on any byte conversation, and the proof that nothing in it works on this server. */
export { wire } from "./case.ts";
export type { Arrival, Connection } from "./connection.ts";
export type { Acceptance, Departure, Judgement } from "./judge-exact.ts";
export { MemoryConnection, TLS_IN_MEMORY, tlsInMemory } from "./memory-connection.ts";
export { featuresNamed, fillIn, type FillIn, type Names } from "./names.ts";
export * from "./proof.ts";
export { ReplyReader, type Reply } from "./reply.ts";
export { cellText, judgementText, proofReport, proofSummary, untriedLines } from "./report.ts";
export { printTranscript, type Transcript, type Utterance } from "./transcript.ts";
export {
  CATALOGUE,
  type Chapter,
  type Feature,
  type ForgedCertificate,
  type Given,
  type GivenCertificate,
  type Limit,
  type Say,
  type ScriptStep,
  type Vector,
} from "./catalogue/index.ts";
