/**
 * Loaded before a Gatepost of the bench: its sessions are not written down. `WITHOUT=facts` leaves out what the checks had gathered alone.
 * For what the journal costs; no operator can have it so.
 */
import type { FactEvent } from "../../src/mail/index.ts";
import { Recorder } from "../../src/service/record/index.ts";

type Event = Parameters<Recorder["add"]>[0];

if (process.env["WITHOUT"] === "facts") {
  const whole = Object.getOwnPropertyDescriptors(Recorder.prototype);
  Recorder.prototype.add = function (event) {
    whole.add.value?.call(this, withoutFacts(event));
  };
  Recorder.prototype.withAcceptance = function (frame, event) {
    const record = whole.withAcceptance.value?.call(this, frame, withoutFacts(event));
    if (record === undefined) throw new Error("a recorder makes records");
    return record;
  };
} else {
  Recorder.prototype.add = () => {};
  Recorder.prototype.end = () => undefined;
  Recorder.prototype.withAcceptance = ({ session, ip }) => ({
    session,
    at: 0,
    ip,
    addresses: [],
    json: "{}",
  });
}

function withoutFacts(event: Event): Event {
  const { decision } = event as { decision?: (FactEvent & { kind: "recipient" })["decision"] }; // or none
  if (decision?.checks === undefined) return event;
  const { checks: _, ...rest } = decision;
  return { ...event, decision: rest } as Event; // the same kind
}
