/** The published list's answers to the DNS: one packet in, one packet out. */
export { blockLabels, nameBlocksOf, type Block } from "./blocks.ts";
export { Answerer, type Transport } from "./answerer.ts";
export { TransferNames } from "./transfer-names.ts";
export { wideBlocksOf } from "./wide-blocks.ts";
export { nonTerminalsOf } from "./non-terminals.ts";
export { COUNTED, NO_ZONE, sumOf, type AnswerCounts, type Counted, type NetworkCounts, type Tally } from "./counts.ts"; // prettier-ignore
export { DEFAULT_RULES, type AccessRule, type AnswerRules, type RateLimitRules } from "./rules.ts";
export { excluding, type PublishedZone, type Source } from "./zone.ts";
export { notifyMessage, readNotified } from "./notify.ts";
