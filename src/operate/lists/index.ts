/** Lists as an operator asks about them: how they are, what they say of somebody, whom they have kept out. */
export { amnestyLines, amnestySubject } from "./amnesty-mail.ts";
export { keptOut, type AmnestyWindow, type KeptOut } from "./amnesty.ts";
export { shownHealth, type ShownHealth } from "./health-json.ts";
export { healthNotes, hitsText, shortTime, usualText } from "./health-text.ts";
export { lookUp, lookupSubject, type LookedUp, type TimedRaw } from "./lookup.ts";
