/**
 * `npm run bench -- [servers] [large] [profile] [relay] [signing] [tls] [authentication] [lists] [published] [journal] [--rounds N] [--scale X] [--write] [--now]`: measures, prints
 * tables in Markdown, and with --write puts them into docs/performance.md. Without a name: all of them. Waits for
 * a quiet machine unless --now is given.
 */
import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import { compareAuthentication } from "./authentication.ts";
import { compare } from "./compare.ts";
import { bringPeers } from "./install.ts";
import { journalCost } from "./journal.ts";
import { large } from "./large.ts";
import { machineText, quietMachine } from "./measure/machine.ts";
import type { Plan } from "./plan.ts";
import { profile } from "./profile.ts";
import { comparePublished } from "./published.ts";
import { compareLists } from "./lists.ts";
import { compareRelays } from "./relay.ts";
import { compareSigning } from "./signing.ts";
import { authenticationText } from "./report/authentication.ts";
import { comparisonText } from "./report/comparison.ts";
import { writeSection, type Section } from "./report/document.ts";
import { listsText } from "./report/lists.ts";
import { publishedText } from "./report/published.ts";
import { relayingText } from "./report/relaying.ts";
import { signingText } from "./report/signing.ts";
import { tlsText } from "./report/tls.ts";
import { compareStored } from "./stored-list.ts";
import { compareTls } from "./tls.ts";

const SECTIONS: Readonly<Record<Section, (plan: Plan) => Promise<string>>> = {
  servers: async (plan) => comparisonText(await compare(plan)),
  large,
  profile,
  relay: async (plan) => relayingText(await compareRelays(plan)),
  signing: async (plan) => signingText(await compareSigning(plan)),
  journal: journalCost,
  tls: async (plan) => tlsText(await compareTls(plan)),
  authentication: async (plan) => authenticationText(await compareAuthentication(plan)),
  lists: async (plan) => listsText(await compareLists(plan)),
  published: async (plan) => publishedText(await comparePublished(plan), await compareStored(plan)),
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "5" },
    scale: { type: "string", default: "1" },
    write: { type: "boolean", default: false },
    now: { type: "boolean", default: false },
  },
});
const plan: Plan = {
  rounds: Number(values.rounds),
  scale: Number(values.scale),
  say: (text) => process.stderr.write(`bench: ${text}\n`),
};

bringPeers();
const machine = machineText();
for (const section of sectionsAsked()) {
  const load = values.now ? (loadavg()[0] ?? 0) : await quietMachine(plan.say);
  const text = `${heading(load)}\n\n${await SECTIONS[section](plan)}`;
  process.stdout.write(`\n${text}\n`);
  if (values.write) writeSection(section, text);
}

function sectionsAsked(): Section[] {
  const all = Object.keys(SECTIONS) as Section[]; // exactly these are its keys
  const unknown = positionals.find((name) => !all.some((section) => section === name));
  if (unknown !== undefined) throw new Error(`${unknown}: expected one of ${all.join(", ")}`);
  return positionals.length === 0 ? all : all.filter((name) => positionals.includes(name));
}

function heading(load: number): string {
  const date = new Date().toISOString().slice(0, 10);
  const before = `Load average before: ${load.toFixed(2)}${values.now ? ", not waited for less" : ""}.`;
  return `Measured on ${date}: ${machine}. Medians of ${plan.rounds} rounds. ${before}`;
}
