/** Has this message been round too often? RFC 5321 §6.3: count Received fields, the limit at least 100. */
import { status } from "../../mail/index.ts";
import type { Check, Verdict } from "./verdict.ts";

export type HopFacts = { readonly received: number; readonly limit: number };

const NAME = "hops";

export const hopsCheck: Check<HopFacts, HopFacts> = {
  name: NAME,
  gather: ({ received, limit }) => ({ received, limit }),
  judge: (facts): Verdict =>
    facts.received <= facts.limit
      ? { action: "continue", check: NAME, evidence: facts }
      : { action: "refuse", check: NAME, status: LOOP, evidence: facts },
};

const LOOP = status(554, "5.4.6", "too many hops: this message is in a loop", "policy/hops");
