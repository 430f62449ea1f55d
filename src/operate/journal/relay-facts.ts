/** What the relay check went by at a recipient: its facts, or the decision's evidence where facts were not kept by check yet. */
import type { FactDecision } from "../../mail/index.ts";

export function relayFacts({ checks, evidence }: FactDecision): Readonly<Record<string, unknown>> {
  return checks?.find(({ check }) => check === "relay")?.facts ?? evidence;
}
