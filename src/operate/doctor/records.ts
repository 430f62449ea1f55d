/** All records of a domain, in the order of a reader: where mail comes in, who may send, how it is protected, mail programs. */
import { clientRecords } from "./client-records.ts";
import type { DomainFacts } from "./facts.ts";
import { hostRecords } from "./host-records.ts";
import type { Publication } from "./publication.ts";
import { senderRecords } from "./sender-records.ts";
import { transportRecords } from "./transport-records.ts";

/**
 * In one order, whatever the order of the facts. Of the tester's domain only how mail comes in: an open relay sends in its name too, and
 * whoever is behind it must not refuse that before it comes back.
 */
export function recordsOf(facts: DomainFacts): readonly Publication[] {
  if (facts.forTests === true) return hostRecords(facts);
  return [
    ...hostRecords(facts),
    ...senderRecords(facts),
    ...transportRecords(facts),
    ...clientRecords(facts),
  ];
}
