/** The text of a transcript: read, and written back with what really happened. The format is described in runner.ts. */
import { decodeLine } from "./escapes.ts";

/** What happens besides talk. */
export type Event = "TLS" | "TIMEOUT" | "SHUTDOWN" | "HANGUP" | "PAUSE";

/** Whose part the engine plays: the letter of what it says, and of what is said to it. */
export interface Roles {
  readonly engine: "S" | "C";
  readonly other: "C" | "S";
}

export const SERVER_ENGINE: Roles = { engine: "S", other: "C" };
export const CLIENT_ENGINE: Roles = { engine: "C", other: "S" };

/** One thing from outside (octets or an event), and what the engine did about it. */
export interface Turn {
  /** Its lines as written: those of the other side, events, comments and blanks. */
  readonly source: readonly string[];
  readonly octets: Uint8Array;
  readonly event?: Event;
  /** What the engine said, lines with CRLF as written after "S: " (a client's: "C: "). */
  readonly said: readonly string[];
  readonly closed: boolean;
}

export interface Transcript {
  readonly roles: Roles;
  readonly head: readonly string[];
  readonly setup: Setup;
  /** The first turn is the start; its octets come before the greeting. */
  readonly turns: readonly Turn[];
  readonly record: readonly string[];
}

/** The `set` and `rule` lines. */
export class Setup {
  readonly #settings: ReadonlyMap<string, readonly string[]>;
  readonly #rules: readonly (readonly [ask: string, answer: string])[];

  constructor(
    settings: ReadonlyMap<string, readonly string[]>,
    rules: readonly (readonly [string, string])[],
  ) {
    this.#settings = settings;
    this.#rules = rules;
  }

  text(key: string, fallback: string): string {
    return this.#settings.get(key)?.at(-1) ?? fallback;
  }

  number(key: string, fallback: number): number {
    const text = this.#settings.get(key)?.at(-1);
    if (text === undefined) return fallback;
    const value = Number(text);
    if (!Number.isFinite(value)) throw new Error(`set ${key}: "${text}" is not a number`);
    return value;
  }

  /** All values of a setting that may stand several times. */
  all(key: string): readonly string[] {
    return this.#settings.get(key) ?? [];
  }

  /** The answer of the first rule that fits an ask's record line. */
  ruling(ask: string): string | undefined {
    return this.#rules.find(([words]) => ask === words || ask.startsWith(`${words} `))?.[1];
  }
}

const SECTION = "----";
const EVENTS: ReadonlySet<string> = new Set<Event>([
  "TLS",
  "TIMEOUT",
  "SHUTDOWN",
  "HANGUP",
  "PAUSE",
]);

export function parseTranscript(text: string, roles: Roles = SERVER_ENGINE): Transcript {
  const lines = text.replace(/\n$/, "").split("\n");
  const first = lines.indexOf(SECTION);
  if (first < 0) throw new Error(`a transcript needs a dialogue after "${SECTION}"`);
  const second = lines.indexOf(SECTION, first + 1);
  const end = second < 0 ? lines.length : second;
  const head = lines.slice(0, first);
  return {
    roles,
    head,
    setup: parseSetup(head),
    turns: parseTurns(lines.slice(first + 1, end), roles),
    record: second < 0 ? [] : lines.slice(second + 1),
  };
}

export function formatTranscript(transcript: Transcript): string {
  const dialogue = transcript.turns.flatMap((turn) => [
    ...turn.source,
    ...turn.said.map((line) => `${transcript.roles.engine}: ${line}`),
    ...(turn.closed ? ["CLOSED"] : []),
  ]);
  const sections = [transcript.head, dialogue, transcript.record];
  return `${sections.map((lines) => lines.join("\n")).join(`\n${SECTION}\n`)}\n`;
}

function parseSetup(lines: readonly string[]): Setup {
  const settings = new Map<string, string[]>();
  const rules: [string, string][] = [];
  for (const line of lines) {
    if (line === "" || line.startsWith("#")) continue;
    const set = /^set (\S+) (.+)$/.exec(line);
    const rule = /^rule (.+?) = (.+)$/.exec(line);
    if (set !== null)
      settings.set(set[1] ?? "", [...(settings.get(set[1] ?? "") ?? []), set[2] ?? ""]);
    else if (rule !== null) rules.push([rule[1] ?? "", rule[2] ?? ""]);
    else throw new Error(`neither "set" nor "rule": ${line}`);
  }
  return new Setup(settings, rules);
}

interface OpenTurn {
  source: string[];
  heard: Uint8Array[];
  event?: Event;
  said: string[];
  closed: boolean;
}

/** A line of the other side or an event after the engine's lines, or after the other of the two, begins a turn. */
function parseTurns(lines: readonly string[], { engine, other }: Roles): Turn[] {
  const turns: OpenTurn[] = [newTurn()];
  let comments: string[] = [];
  const turnFor = (begins: boolean): OpenTurn => {
    const last = turns.at(-1);
    const turn = begins || last === undefined ? newTurn() : last;
    if (turn !== last) turns.push(turn);
    turn.source.push(...comments);
    comments = [];
    return turn;
  };
  for (const line of lines) {
    const last = turns.at(-1) ?? newTurn();
    const answered = last.said.length > 0 || last.closed || last.event !== undefined;
    if (line === "" || line.startsWith("#")) {
      comments.push(line);
    } else if (line.startsWith(`${other}:`)) {
      const turn = turnFor(answered);
      turn.source.push(line);
      turn.heard.push(decodeLine(line.slice(2).replace(/^ /, "")));
    } else if (isEvent(line)) {
      const turn = turnFor(answered || last.heard.length > 0 || turns.length > 1);
      turn.source.push(line);
      turn.event = line;
    } else if (line === "CLOSED") {
      last.closed = true;
    } else if (line.startsWith(`${engine}: `)) {
      last.said.push(line.slice(3));
    } else {
      throw new Error(`not a line of a dialogue: ${line}`);
    }
  }
  if (comments.length > 0) turnFor(true);
  return turns.map(closeTurn);
}

function newTurn(): OpenTurn {
  return { source: [], heard: [], said: [], closed: false };
}

function closeTurn({ source, heard, event, said, closed }: OpenTurn): Turn {
  const turn = { source, octets: joined(heard), said, closed };
  return event === undefined ? turn : { ...turn, event };
}

function isEvent(line: string): line is Event {
  return EVENTS.has(line);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}
