/**
 * Whether a recipient's fate is reported to the sender: one total function over what the sender asked for, what
 * happened, and who the sender is. Promises: never a report about a report, never to somebody we cannot name.
 */
import type { Notify } from "../../mail/index.ts";
import type { ReportSign } from "./recognise.ts";
import type { Action } from "./report.ts";

/** How well we know that the reverse-path is the sender's own. */
export type Origin =
  /** A login of ours sent it. */
  | "submitted"
  /** Its domain, or a peer we know, vouches for it. */
  | "verified"
  /** Anybody may have written it: a report would go to somebody who has sent nothing. */
  | "unverified";

export interface ReportableMessage {
  readonly origin: Origin;
  /** What `recogniseReport` said; a message with the null reverse-path has a sign. */
  readonly sign: ReportSign | undefined;
}

/** Why nobody is told: it is a report itself; anybody may have written it; nobody wants to know. */
export type Silence = "report" | "unverified" | "unasked";

export type ReportDecision =
  | { readonly due: true; readonly reason: string }
  | { readonly due: false; readonly reason: string; readonly silence: Silence };

/** `notify` is undefined where the sender did not say NOTIFY. */
export function reportDecision(
  message: ReportableMessage,
  action: Action,
  notify: Notify | undefined,
): ReportDecision {
  if (message.sign !== undefined)
    return no(`never a report about a report (${message.sign})`, "report");
  if (message.origin === "unverified")
    return no("the sender's address is not verified", "unverified");
  return notify === undefined ? unasked(message.origin, action) : asked(action, notify);
}

/** RFC 3461 §4.1 leaves it to us. A warning is for people who wait here; another server's people have its own warnings. */
function unasked(origin: "submitted" | "verified", action: Action): ReportDecision {
  switch (action) {
    case "failed":
      return yes("failure is reported unless the sender says otherwise");
    case "delayed":
      return origin === "submitted"
        ? yes("delay is reported to our own users")
        : no("delay is not reported to other servers unasked");
    case "delivered":
    case "relayed":
    case "expanded":
      return no("success is reported only when it is asked for");
  }
}

function asked(action: Action, notify: Notify): ReportDecision {
  switch (action) {
    case "failed":
      return byRequest("FAILURE", notify.failure);
    case "delayed":
      return byRequest("DELAY", notify.delay);
    case "delivered":
    case "relayed":
    case "expanded":
      return byRequest("SUCCESS", notify.success);
  }
}

function byRequest(event: string, wanted: boolean): ReportDecision {
  return wanted ? yes(`the sender asked for ${event}`) : no(`the sender did not ask for ${event}`);
}

const yes = (reason: string): ReportDecision => ({ due: true, reason });
const no = (reason: string, silence: Silence = "unasked"): ReportDecision => ({
  due: false,
  reason,
  silence,
});
