/**
 * One case: who the client is, what it sends, what else happens and when. As a text it is a file of the corpus:
 * client lines as in the transcripts, one event a line, and the settings before them.
 */
import { decodeLine, encodeLines } from "../transcripts/escapes.ts";

/** Engines, the services behind them, and files that others write. */
export const PROTOCOLS = [
  "smtp",
  "pop3",
  "receive",
  "maildrop",
  "dns",
  "submission",
  "list-file",
  "listing",
  "report-mail",
] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** What happens to one client. */
export const EVENTS = ["TLS", "TIMEOUT", "SHUTDOWN", "HANGUP", "FINISHED", "ANSWER"] as const;
export type EventName = (typeof EVENTS)[number];

/** Where there are several clients: what follows is the next one's. */
export const SWITCH = "SWITCH";

/** Octets of the client, or something else that happens. */
export type Happening = Uint8Array | EventName | typeof SWITCH;

export interface Scenario {
  readonly protocol: Protocol;
  /** Which of the protocol's settings. */
  readonly settings: number;
  /** What the desk says to the first ask, the second, …, and how octets are cut: all follow from this. */
  readonly mood: number;
  readonly happenings: readonly Happening[];
}

export function protocolOf(text: string): Protocol {
  const protocol = PROTOCOLS.find((known) => known === text);
  if (protocol === undefined) throw new Error(`"${text}" is none of ${PROTOCOLS.join(", ")}`);
  return protocol;
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
  return {
    protocol: protocolOf(value("protocol")),
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
    if (line.startsWith("C: ")) octets.push(decodeLine(line.slice(3)));
    else flush();
    const event = EVENTS.find((name) => name === line);
    if (event !== undefined) happenings.push(event);
    if (line === SWITCH) happenings.push(SWITCH);
  }
  flush();
  return happenings;
}
