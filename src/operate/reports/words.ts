/** Words and figures as this room's texts have them; what strangers wrote is made fit for a terminal and for its line. */
import { visible } from "../../mail/index.ts";
import { wrapped } from "../../runtime/index.ts";
import type { Figures } from "./received.ts";

/** Characters shown of a stranger's text. */
const TEXT_LIMIT = 60;

export function stranger(text: string): string {
  const shown = visible(text);
  return shown.length > TEXT_LIMIT ? `${shown.slice(0, TEXT_LIMIT - 1)}…` : shown;
}

export function strangers(texts: readonly string[]): string {
  return texts.map(stranger).join(", ");
}

/** "1 report", "1,200 reports". */
export function counted(count: number, noun: string): string {
  return `${number(count)} ${noun}${count === 1 ? "" : "s"}`;
}

export function number(count: number): string {
  return count.toLocaleString("en");
}

/** "22 sessions, 2 failed". */
export function figures({ succeeded, failed }: Figures): string {
  const how = failed === 0 ? "none failed" : `${number(failed)} failed`;
  return `${counted(succeeded + failed, "session")}, ${how}`;
}

/** "2026-11-26", or "2026-11-26 to 2026-11-28"; UTC. */
export function daysText(beginsAt: number, endsAt: number): string {
  const [first, last] = [day(beginsAt), day(endsAt)];
  return first === last ? first : `${first} to ${last}`;
}

function day(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** Each of the sentences in lines of its own. */
export function paragraphs(sentences: readonly string[], indent: string): readonly string[] {
  return sentences.flatMap((sentence) => wrapped(sentence, indent));
}
