/** For policies of tests that are about something else: nothing was sent yet, and there are no limits. */
import type { SendingDeps, SpreadCounts } from "../../src/policy/checks/index.ts";

export const UNLIMITED: SendingDeps["counter"] = {
  account: () => ({ now: 0, sent: [] }),
  limits: () => ({
    messagesPerHour: Infinity,
    recipientsPerHour: Infinity,
    messagesPerDay: Infinity,
    recipientsPerDay: Infinity,
    recipientsPerMessage: Infinity,
  }),
  habits: () => ({ networks: 0, networkKnown: false, recipients: 0, recipientsRefused: 0 }),
};

export const UNWATCHED: SpreadCounts = {
  limit: 1,
  ask: ({ network }) => ({ network, senders: 0, recipients: 0, limit: 1, heldMinutes: 0 }),
};
