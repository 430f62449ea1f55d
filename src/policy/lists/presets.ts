/**
 * The well-known lists, as they document themselves; the weights are ours, for thresholds of 10 (refuse) and 5 (mark). A list
 * whose codes we could not read up is not here: any zone can be written out in the settings.
 */
import type { Preset } from "./preset.ts";

/** docs.spamhaus.com, "Available Zones". PBL is where nobody should send from directly: a policy, and no sign of abuse. */
const SPAMHAUS_ZEN: Preset = {
  name: "Spamhaus ZEN",
  zone: "zen.spamhaus.org",
  keyedZone: "{key}.zen.dq.spamhaus.net",
  kind: "addresses",
  ask: ["client"],
  answers: {
    "127.0.0.2": { meaning: "SBL", weight: 10 },
    "127.0.0.3": { meaning: "CSS", weight: 10 },
    "127.0.0.4": { meaning: "XBL", weight: 10 },
    "127.0.0.9": { meaning: "DROP", weight: 10 },
    "127.0.0.10-11": { meaning: "PBL", weight: 10 },
    "127.0.0.30": { meaning: "BCL", weight: 10 },
  },
  errors: [],
  relays: false,
};

/** The same page. 102 to 106 are good domains that were abused; 255 says that it was asked about an address. */
const SPAMHAUS_DBL: Preset = {
  name: "Spamhaus DBL",
  zone: "dbl.spamhaus.org",
  keyedZone: "{key}.dbl.dq.spamhaus.net",
  kind: "names",
  ask: ["helo", "reverse", "sender", "author"],
  answers: {
    "127.0.1.2": { meaning: "low reputation", weight: 10 },
    "127.0.1.4": { meaning: "phishing", weight: 10 },
    "127.0.1.5": { meaning: "malware", weight: 10 },
    "127.0.1.6": { meaning: "botnet", weight: 10 },
    "127.0.1.102-106": { meaning: "abused", weight: 3 },
  },
  test: "dbltest.com",
  errors: ["127.0.1.255"],
  relays: false,
};

const SPAMCOP: Preset = {
  name: "SpamCop",
  zone: "bl.spamcop.net",
  kind: "addresses",
  ask: ["client"],
  answers: { "127.0.0.2": { meaning: "reported as spam", weight: 5 } },
  errors: [],
  relays: false,
};

/** 127.0.x.y: x is the trade, y how much it is trusted; it vouches, and asks not to be taken for more than that. */
const DNSWL: Preset = {
  name: "dnswl",
  zone: "list.dnswl.org",
  kind: "addresses",
  ask: ["client"],
  answers: {
    "127.0.2-15.0": { meaning: "trust none", weight: -1 },
    "127.0.2-15.1": { meaning: "trust low", weight: -2 },
    "127.0.2-15.2": { meaning: "trust medium", weight: -5 },
    "127.0.2-15.3": { meaning: "trust high", weight: -10 },
  },
  errors: ["127.0.0.255"],
  relays: false,
};

/** It answers those alone who have registered their resolver. */
const BARRACUDA: Preset = {
  name: "Barracuda",
  zone: "b.barracudacentral.org",
  kind: "addresses",
  ask: ["client"],
  answers: { "127.0.0.2": { meaning: "poor reputation", weight: 5 } },
  errors: [],
  relays: false,
};

const PSBL: Preset = {
  name: "PSBL",
  zone: "psbl.surriel.com",
  kind: "addresses",
  ask: ["client"],
  answers: { "127.0.0.2": { meaning: "sent to spam traps", weight: 5 } },
  errors: [],
  relays: false,
};

/** mailspike.org, "Usage": what takes part in a wave of spam now, and the three worst levels of reputation. */
const MAILSPIKE: Preset = {
  name: "Mailspike",
  zone: "bl.mailspike.net",
  kind: "addresses",
  ask: ["client"],
  answers: {
    "127.0.0.2": { meaning: "in a wave of spam", weight: 6 },
    "127.0.0.10": { meaning: "worst reputation", weight: 6 },
    "127.0.0.11": { meaning: "very bad reputation", weight: 5 },
    "127.0.0.12": { meaning: "bad reputation", weight: 3 },
  },
  errors: [],
  relays: false,
};

/** Bits. It lists what spam links to, and not who sends: it marks, and refuses only together with others. */
const SURBL: Preset = {
  name: "SURBL",
  zone: "multi.surbl.org",
  kind: "names",
  ask: ["sender", "author"],
  answers: {
    "127.0.0.&8": { meaning: "phishing", weight: 5 },
    "127.0.0.&16": { meaning: "malware", weight: 5 },
    "127.0.0.&64": { meaning: "abuse", weight: 5 },
    "127.0.0.&128": { meaning: "cracked", weight: 3 },
  },
  test: "test.surbl.org",
  errors: ["127.0.0.1"],
  relays: false,
};

/** Bits; uribl.com/refused.shtml: 127.0.0.1 is a question that was refused. Of what it says, see SURBL. */
const URIBL: Preset = {
  name: "URIBL",
  zone: "multi.uribl.com",
  kind: "names",
  ask: ["sender", "author"],
  answers: {
    "127.0.0.&2": { meaning: "black", weight: 5 },
    "127.0.0.&4": { meaning: "grey", weight: 2 },
    "127.0.0.&8": { meaning: "red", weight: 2 },
  },
  test: "test.uribl.com",
  errors: ["127.0.0.1"],
  relays: false,
};

export const PRESETS: ReadonlyMap<string, Preset> = new Map([
  ["spamhaus-zen", SPAMHAUS_ZEN],
  ["spamhaus-dbl", SPAMHAUS_DBL],
  ["spamcop", SPAMCOP],
  ["dnswl", DNSWL],
  ["barracuda", BARRACUDA],
  ["psbl", PSBL],
  ["mailspike", MAILSPIKE],
  ["surbl", SURBL],
  ["uribl", URIBL],
]);
