/** One `[[lists]]` entry: what is written, what its preset says, and what of it cannot be meant. No message says a key, nor a zone that may hold one. */
import { z } from "zod";
import { codePattern, parseCodePattern } from "./code-pattern.ts";
import { checkNoFile, FILE_SETTINGS, fileSource, type FileSource } from "./file-setting.ts";
import {
  ASKED_AS_ADDRESS,
  ASKED_AS_NAME,
  PLAIN_MEANING,
  type AnswerRule,
  type AskedAs,
  type List,
  type ListKind,
} from "./list.ts";
import { nameOf, nameSchema } from "./name-setting.ts";
import type { Preset } from "./preset.ts";
import { PRESETS } from "./presets.ts";
import { readTestEntry, testEntrySchema } from "./test-entry.ts";
import { zoneSource, type ZoneSource } from "./zone-setting.ts";

const ANSWERS_LIMIT = 64;

const weight = z.number().min(-1000).max(1000);

function checkPattern(text: string, context: Pick<z.RefinementCtx, "addIssue">): void {
  const read = parseCodePattern(text);
  if (typeof read === "string") context.addIssue({ code: "custom", message: read });
}

const pattern = z.string().superRefine(checkPattern);

const answer = z.strictObject({
  meaning: z
    .string()
    .min(1)
    .max(60)
    .regex(/^[^;]*$/, "expected no semicolon: it stands between what two lists say")
    .describe("in words, for replies and for you"),
  weight: weight.optional().describe("of the score; left out: the list's"),
});

const table = z.strictObject({
  preset: z
    .string()
    .optional()
    .describe("a well-known list, which says all that is left out here")
    .superRefine((name, context) => {
      if (name === undefined || PRESETS.has(name)) return;
      const message = `there is no preset "${name}"; expected one of ${[...PRESETS.keys()].join(", ")}`;
      context.addIssue({ code: "custom", message });
    }),
  zone: z.string().optional().describe("a zone of the DNS; {key} in it stands for the key"),
  ...FILE_SETTINGS,
  key: z
    .string()
    .regex(/^[A-Za-z0-9-]{1,63}$/, "expected letters, digits and hyphens, at most 63")
    .optional()
    .describe("of a customer; becomes part of the zone, and is never shown"),
  name: nameSchema,
  kind: z.enum(["addresses", "names"]).optional().describe("of what the list is made"),
  ask: z
    .array(z.enum([...ASKED_AS_ADDRESS, ...ASKED_AS_NAME]))
    .min(1)
    .optional()
    .describe("about what it is asked: client, hop; helo, reverse, sender, author"),
  answers: z
    .record(z.string(), answer)
    .refine((all) => Object.keys(all).length <= ANSWERS_LIMIT, `at most ${ANSWERS_LIMIT} answers`)
    .superRefine((all, context) => {
      for (const text of Object.keys(all)) checkPattern(text, context);
    })
    .optional()
    .describe("codes that count, what they mean and how much they weigh; all others count nothing"),
  errors: z
    .array(pattern)
    .max(ANSWERS_LIMIT)
    .optional()
    .describe("codes by which it says that it does not answer; 127.255.255.* always is one"),
  weight: weight
    .optional()
    .describe("of answers that say none, and of a preset's; negative: it vouches"),
  test: testEntrySchema,
  relays: z
    .boolean()
    .optional()
    .describe("open relays are on it: hosts that a message came through are asked about too"),
  mode: z
    .enum(["observe", "vote"])
    .default("observe")
    .describe("observe: asked and written down, and nothing follows from it"),
});

type Written = z.output<typeof table>;

/** What is written, with what its preset says. */
interface Filled {
  readonly kind: ListKind;
  readonly relays: boolean;
  readonly ask: readonly AskedAs[];
  readonly answers: readonly AnswerRule[];
}

type Problem = (key: keyof Written, message: string) => void;

const DEFAULT_WEIGHT = 10;
/** RFC 5782 §2.1: what is answered where there is one meaning. */
const ONE_ANSWER = "127.0.0.2";
/** A file says itself what its entries answer. */
const ANY_ANSWER = "127.*.*.*";

export const listSchema = table.transform((written, context): List => {
  let faults = 0;
  const problem: Problem = (key, message) => {
    faults++;
    context.addIssue({ code: "custom", path: [key], message });
  };
  const preset = written.preset === undefined ? undefined : PRESETS.get(written.preset);
  const filled = fill(written, preset);
  checkFilled(filled, problem);
  const test = readTestEntry(filled.kind, written.test ?? preset?.test, problem);
  const source = sourceOf(written, preset, problem);
  if (faults > 0 || source === undefined) return z.NEVER;
  const name = written.name ?? preset?.name ?? nameOf(source, problem);
  if (name === undefined) return z.NEVER;
  return {
    name,
    kind: filled.kind,
    ask: new Set(filled.ask),
    answers: filled.answers,
    errors: [...(written.errors ?? []), ...(preset?.errors ?? [])].map(codePattern),
    ...(test !== undefined && { test }),
    relays: filled.relays,
    mode: written.mode,
    ...source,
  };
});

function fill(written: Written, preset: Preset | undefined): Filled {
  const kind = written.kind ?? preset?.kind ?? "addresses";
  const relays = written.relays ?? preset?.relays ?? false;
  const addresses: readonly AskedAs[] = relays ? ASKED_AS_ADDRESS : ["client"];
  return {
    kind,
    relays,
    ask: written.ask ?? preset?.ask ?? (kind === "addresses" ? addresses : ASKED_AS_NAME),
    answers: answersOf(written, preset),
  };
}

function answersOf(written: Written, preset: Preset | undefined): readonly AnswerRule[] {
  const only = written.file === undefined ? ONE_ANSWER : ANY_ANSWER;
  const all: Written["answers"] = written.answers ??
    preset?.answers ?? { [only]: { meaning: PLAIN_MEANING } };
  const isPresets = written.answers === undefined && preset !== undefined;
  return Object.entries(all).map(([text, { meaning, weight: own }]) => ({
    pattern: codePattern(text),
    meaning,
    weight: (isPresets ? (written.weight ?? own) : (own ?? written.weight)) ?? DEFAULT_WEIGHT,
  }));
}

function checkFilled({ kind, relays, ask, answers }: Filled, problem: Problem): void {
  const possible: readonly AskedAs[] = kind === "addresses" ? ASKED_AS_ADDRESS : ASKED_AS_NAME;
  const wrong = ask.find((as) => !possible.includes(as));
  if (wrong !== undefined)
    problem("ask", `"${wrong}" is nothing for a list of ${kind}; expected ${possible.join(", ")}`);
  if (relays && kind === "names")
    problem("relays", 'open relays are addresses; expected kind = "addresses"');
  if (ask.includes("hop") && !relays)
    problem(
      "ask",
      'hosts on the way are asked of lists of open relays alone; expected relays = true, or no "hop"',
    );
  // What a stranger says of himself must not make him better.
  if (answers.some((one) => one.weight < 0) && ask.some((as) => as !== "client"))
    problem(
      "ask",
      'a list that vouches (a negative weight) is asked about the address that connects alone; expected ask = ["client"]',
    );
}

type Source = ZoneSource | FileSource;

function sourceOf(
  written: Written,
  preset: Preset | undefined,
  problem: Problem,
): Source | undefined {
  const { file, key } = written;
  if (file !== undefined && written.zone !== undefined) {
    problem("file", "expected one of zone and file");
    return undefined;
  }
  if (file !== undefined) {
    if (key !== undefined) problem("key", "a file needs no key");
    return fileSource(file, written, problem);
  }
  checkNoFile(written, problem);
  const text = written.zone ?? (key === undefined ? preset?.zone : preset?.keyedZone);
  if (text === undefined) {
    if (preset === undefined) problem("zone", "expected one of preset, zone and file");
    else problem("key", `${preset.name} has no customers' zone; expected no key, or the zone`);
    return undefined;
  }
  return zoneSource(text, key, problem);
}
