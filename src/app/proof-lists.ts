/**
 * The lists of the proof: one of good senders, and every client is on it. The best that lists can say of anybody must give him
 * no right, so each vector is tried with it.
 */
import type { Lists } from "../policy/checks/index.ts";
import { codePattern, type List } from "../policy/lists/index.ts";
import { ROOT } from "../protocol/dns/index.ts";

const CODE = "127.0.0.2";

const GOOD_SENDERS: List = {
  source: "zone",
  name: "good senders",
  zone: ROOT, // nobody is asked
  shownZone: ".",
  kind: "addresses",
  ask: new Set(["client"]),
  answers: [{ pattern: codePattern(CODE), meaning: "good", weight: -10 }],
  errors: [],
  relays: false,
  mode: "vote",
};

export const VOUCHING_LISTS: Lists = {
  rules: {
    lists: [GOOD_SENDERS],
    refuse: 10,
    mark: 5,
    received: "refuse",
    hopShare: 1,
    confirmMinutes: 0,
    confirmClients: 0,
  },
  appeal: "",
  trustedHops: [],
  privateClients: true,
  about: ({ client }) => ({
    about: {},
    answers:
      client === undefined
        ? []
        : [{ list: GOOD_SENDERS.name, as: "client", subject: client, codes: [CODE] }],
    clear: [],
  }),
  hasGoodClient() {},
};
