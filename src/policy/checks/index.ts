/** One file a check; the stages; the decision table; the only maker of grants. Facts in, verdicts out. */
export * from "./admission.ts";
export * from "./client.ts";
export * from "./decision-table.ts";
export { isUnknownThere, type Known, type VerifyRecipient } from "./gateway.ts";
export {
  ownNotificationGrant,
  renewGrant,
  strangerNotificationGrant,
  type GrantedAddress,
  type GrantWorld,
  type WaitingPaths,
} from "./grants.ts";
export type { Greylist, GreylistAttempt } from "./greylist.ts";
export type { Lists } from "./listed.ts";
export type { ListedSubject } from "./listed-message.ts";
export * from "./network-dangers.ts";
export * from "./network-spread.ts";
export type { OriginActions, OriginFacts } from "./origin.ts";
export type { Rated, Rates, RateLimits } from "./rates.ts";
export type { KnownLevel, RecipientSubject } from "./recipient.ts";
export { RETURN_OCTETS } from "./return.ts";
export type { AuthorsSubject, SenderDirectory, SenderSubject } from "./own-sender.ts";
export type { HabitsSubject, SendingHabits, SendingHistory } from "./sending-habits.ts";
export { limitReached, type SendingCounter, type SendingSubject } from "./sending-limit.ts";
export {
  DAY_MS,
  HOUR_MS,
  type SendingAccount,
  type SendingLimits,
  type SentTally,
} from "./sending-windows.ts";
export type { SendingDeps } from "./sending.ts";
export * from "./stages.ts";
export type { RecipientsSettings, RelaySettings } from "./settings.ts";
export type { KnowsToken } from "./test-token.ts";
export * from "./trusted-network.ts";
export {
  STAGE_FACTS_OCTETS,
  type AskStage,
  type GatheredFacts,
  type Rejudged,
  type Stage,
} from "./stage.ts";
export * from "./unknown-recipient.ts";
export * from "./verified-sender.ts";
export type { Check, Evidence, StageVerdict, Verdict } from "./verdict.ts";
