/** Performs an SMTP server session's requests: recipients, content, commit, trace fields, journal. */
export { Bodies } from "./bodies.ts";
export { callout, type Callout, type CalloutAnswer, type CalloutDeps } from "./callout.ts";
export { ClientLevels, type ClientLevelsDeps } from "./client-levels.ts";
export type { LoginAccounts, ReceiveDeps, ReceivedFrom } from "./deps.ts";
export { Forwards, type ForwardsDeps } from "./forwards.ts";
export { Origin, Origins, type OriginsDeps } from "./origin.ts";
export { Greylisting, type GreylistingDeps } from "./greylisting.ts";
export { NetworkRates, type NetworkRatesDeps } from "./network-rates.ts";
export { NetworkSpread, type NetworkSpreadDeps } from "./network-spread.ts";
export {
  RecipientVerifier,
  UNREACHED_MS,
  type Known,
  type RecipientVerifierDeps,
} from "./recipient-verifier.ts";
export type { ReceiveLimits } from "./settings.ts";
export { NO_CALLERS, type Callers, type JudgedCaller } from "./session-caller.ts";
export { SmtpDesk } from "./smtp-desk.ts";
export type { CameBack, TestReturns } from "./test-returns.ts";
export type { Caught, Traps } from "./traps.ts";
export { UnknownRecipients, type UnknownRecipientsDeps } from "./unknown-recipients.ts";
export type { WaysOut } from "./departures.ts";
