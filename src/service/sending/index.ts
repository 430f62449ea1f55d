/** What each login has sent, how much it may send, and what follows when that is reached. */
export { Sending, sendingLimits, type LimitReached, type SendingParts } from "./sending.ts";
export type { SendingSettings } from "./settings.ts";
