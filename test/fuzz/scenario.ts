/**
 * One case: who the client is, what it sends, what else happens and when. As a text it is a file of the corpus:
 * client lines as in the transcripts, one event a line, and the settings before them.
 */
import { decodeClientLine, encodeLines } from "../transcripts/escapes.ts";

export type Protocol = "smtp" | "receive";

export const EVENTS = ["TLS", "TIMEOUT", "SHUTDOWN", "HANGUP", "FINISHED", "ANSWER"] as const;
export type EventName = (typeof EVENTS)[number];

/** Octets of the client, or something else that happens. */
export type Happening = Uint8Array | EventName;

export interface Scenario {
  readonly protocol: Protocol;
  /** Which of the protocol's settings. */
  readonly settings: number;
  /** What the desk says to the first ask, the second, …, and how octets are cut: all follow from this. */
  readonly mood: number;
  readonly happenings: readonly Happening[];
}

export function formatScenario(scenario: Scenario, found: string): string {
  const { protocol, settings, mood, happenings } = scenario;
  const comment = found.split("\n").map((line) => `# ${line}`.trimEnd());
  const head = [`protocol ${protocol}`, `settings ${settings}`, `mood ${mood}`];
  return `${[...comment, ...head, ...happenings.flatMap(linesOf)].join("\n")}\n`;
}

function linesOf(happening: Happening): string[] {
  if (typeof happening === "string") return [happening];
  return ["SEND", ...encodeLines(happening).map((line) => `C: ${line}`)];
}

export function parseScenario(text: string): Scenario {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const value = (name: string): string => {
    const line = lines.find((one) => one.startsWith(`${name} `));
    if (line === undefined) throw new Error(`there is no line "${name} …"`);
    return line.slice(name.length + 1);
  };
  const protocol = value("protocol");
  if (protocol !== "smtp" && protocol !== "receive") throw new Error(`no protocol: ${protocol}`);
  return {
    protocol,
    settings: Number(value("settings")),
    mood: Number(value("mood")),
    happenings: happeningsOf(lines),
  };
}

/** Client lines up to the next SEND or event are octets that come together. */
function happeningsOf(lines: readonly string[]): Happening[] {
  const happenings: Happening[] = [];
  let octets: Uint8Array[] = [];
  const flush = (): void => {
    if (octets.length > 0) happenings.push(Uint8Array.from(Buffer.concat(octets)));
    octets = [];
  };
  for (const line of lines) {
    if (line.startsWith("C: ")) octets.push(decodeClientLine(line.slice(3)));
    else flush();
    const event = EVENTS.find((name) => name === line);
    if (event !== undefined) happenings.push(event);
  }
  flush();
  return happenings;
}
