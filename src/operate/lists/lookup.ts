/** One address or name, asked of every list that has something to say about its kind: what each answers, what that means, and how the list is. */
import { parseDomain, parseIp } from "../../mail/index.ts";
import {
  readAnswer,
  rulesOfCodes,
  suits,
  type List,
  type ListAnswer,
  type ListSubject,
  type RawAnswer,
} from "../../policy/lists/index.ts";

export interface LookedUp {
  readonly list: string;
  readonly mode: "observe" | "vote";
  readonly answer: "listed" | "not listed" | "no answer";
  readonly codes: readonly string[];
  readonly meanings: readonly string[];
  /** The strongest; null where nothing counts. */
  readonly weight: number | null;
  /** The list's own words, or why there is no answer. */
  readonly text: string | null;
  /** Null: a file of this machine. */
  readonly ms: number | null;
  readonly health: string;
}

export interface TimedRaw {
  readonly raw: RawAnswer;
  readonly ms?: number;
}

export interface LookupDeps {
  readonly lists: readonly List[];
  /** Does not reject. */
  ask(list: List, subject: ListSubject): Promise<TimedRaw>;
  /** In a word: "well". */
  healthOf(list: List): string;
}

/** Undefined: it is neither an address nor a name. */
export function lookupSubject(text: string): ListSubject | undefined {
  const ip = parseIp(text);
  if (ip !== undefined) return { kind: "address", ip };
  const domain = parseDomain(text);
  return domain === undefined ? undefined : { kind: "name", domain };
}

/** In the order of the configuration. Does not reject. */
export function lookUp(subject: ListSubject, deps: LookupDeps): Promise<readonly LookedUp[]> {
  const asked = deps.lists
    .filter((list) => suits(list, subject))
    .map(async (list) => lookedUp(list, await deps.ask(list, subject), deps.healthOf(list)));
  return Promise.all(asked);
}

function lookedUp(list: List, { raw, ms }: TimedRaw, health: string): LookedUp {
  const answer = readAnswer(raw, list);
  const frame = { list: list.name, mode: list.mode, health, ms: ms ?? null };
  const nothing = { codes: [], meanings: [], weight: null };
  switch (answer.kind) {
    case "clear":
      return { ...frame, answer: "not listed", ...nothing, text: null };
    case "error":
      return { ...frame, answer: "no answer", ...nothing, text: errorText(answer) };
    case "listed":
      return {
        ...frame,
        answer: "listed",
        codes: answer.codes,
        ...meaningOf(answer.codes, list),
        text: raw.kind === "codes" ? (raw.text ?? null) : null,
      };
  }
}

function meaningOf(codes: readonly string[], list: List): Pick<LookedUp, "meanings" | "weight"> {
  const rules = rulesOfCodes(codes, list);
  const [strongest] = rules.toSorted((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
  return {
    meanings: [...new Set(rules.map(({ meaning }) => meaning))],
    weight: strongest?.weight ?? null,
  };
}

function errorText({ why, code }: Extract<ListAnswer, { kind: "error" }>): string {
  return code === undefined ? WORDS[why] : `${WORDS[why]}: ${code}`;
}

const WORDS: Readonly<Record<Extract<ListAnswer, { kind: "error" }>["why"], string>> = {
  refused: "the resolver or the list's servers refuse to answer",
  servfail: "the list's servers cannot answer",
  timeout: "no answer in time",
  unreachable: "no server can be reached",
  malformed: "an answer that cannot be read",
  "alias-loop": "aliases that lead nowhere",
  overloaded: "too many questions are open",
  closed: "the resolver has been closed",
  void: "it lists whatever it is asked about",
  unwitnessed: "a hit, and no answer about an address that nobody has",
  "outside 127/8": "an address that no list answers",
  "error code": "a code by which the list says that it does not answer us",
  "unknown code": "a code that means nothing here",
};
