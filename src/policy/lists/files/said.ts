/** What an answer of a dataset says: its values, the text of each. */
import { EXCLUDED, type Dataset, type Values } from "./snapshot.ts";
import { cut, fill } from "./template.ts";

/** Each value of an answer, in order; none where it excludes. */
export function eachValue(values: Values, answer: number, take: (value: number) => void): void {
  if (answer === EXCLUDED) return;
  const set = answer - values.codes.length;
  if (set < 0) return take(answer);
  const end = values.sets[set + 1] ?? 0;
  for (let at = values.sets[set] ?? end; at < end; at++) take(values.members[at] ?? 0);
}

/** A value as the file has it: nothing is filled in. */
export interface PlainValue {
  /** As a number; 0: it has a text only. */
  readonly code: number;
  readonly text: string | undefined;
}

export function valuesOf(
  { values }: Pick<Dataset, "values">,
  answer: number,
): readonly PlainValue[] {
  const all: PlainValue[] = [];
  eachValue(values, answer, (value) =>
    all.push({ code: values.codes[value] ?? 0, text: textOf(values, values.texts[value] ?? 0) }),
  );
  return all;
}

/** A value's text about somebody; undefined where it has none. At most 255 octets. */
export function textAbout(
  { values, substitutions }: Dataset,
  value: number,
  subject: string,
): string | undefined {
  const text = textOf(values, values.texts[value] ?? 0);
  return substitutions === undefined ? text && cut(text) : fill(text, subject, substitutions);
}

function textOf({ textOffsets, textOctets }: Values, text: number): string | undefined {
  if (text === 0) return undefined;
  // A copy: what threads share, a decoder does not take everywhere.
  return new TextDecoder().decode(textOctets.slice(textOffsets[text - 1], textOffsets[text]));
}
