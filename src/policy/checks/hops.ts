/** Has this message been round too often? RFC 5321 §6.3: count Received fields, the limit at least 100. */
import { status } from "../../mail/index.ts";
import type { Check } from "./verdict.ts";

export type HopFacts = { readonly received: number };

const NAME = "hops";

export function hopsCheck(limit: number): Check<HopFacts, HopFacts> {
  const setting = { key: "limits.hops", value: limit };
  return {
    name: NAME,
    gather: ({ received }) => ({ received }),
    judge: ({ received }) => {
      const evidence = { received, limit };
      return received <= limit
        ? { action: "continue", check: NAME, evidence }
        : { action: "refuse", check: NAME, status: LOOP, evidence, setting };
    },
    otherwise: ({ received }) => [
      `fewer Received fields than its ${received}: two servers may be sending to one another`,
    ],
  };
}

const LOOP = status(554, "5.4.6", "too many hops: this message is in a loop", "policy/hops");
