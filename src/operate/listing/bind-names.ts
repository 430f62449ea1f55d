/**
 * Names of a list as the DNS needs them. There a wildcard does not reach below, or at, a name that is there (RFC 4592 §2.2.1), also if
 * only something further below it is: where a list means those too, they get what the wildcard says, and a wildcard of their own.
 */
import { EXCLUDED, walkNames, type Dataset } from "../../policy/lists/files/index.ts";

export interface NamedAnswer {
  readonly name: string;
  readonly answer: number;
  /** Whom the entry is about. */
  readonly subject: string;
}

export function* bindNames({ exact, wild }: Dataset): Generator<NamedAnswer> {
  const own = new Map([...walkNames(exact)].map(({ name, answer }) => [name, answer]));
  const below = new Map([...walkNames(wild)].map(({ name, answer }) => [name, answer]));
  for (const name of allNames(own, below)) {
    const over = wildcardOver(name, below);
    const here = own.has(name) ? { answer: own.get(name), subject: name } : over;
    if (here?.answer !== undefined && here.answer !== EXCLUDED) yield { name: escaped(name), answer: here.answer, subject: here.subject }; // prettier-ignore
    const under = below.has(name) ? { answer: below.get(name), subject: name } : over;
    if (under?.answer !== undefined && under.answer !== EXCLUDED) yield { name: `*.${escaped(name)}`, answer: under.answer, subject: under.subject }; // prettier-ignore
  }
}

/** With all that are there because something below them is. */
function allNames(...tables: readonly ReadonlyMap<string, number>[]): ReadonlySet<string> {
  const all = new Set<string>();
  for (const table of tables)
    for (const name of table.keys())
      for (let at = 0; at >= 0; at = nextLabel(name, at)) {
        const above = name.slice(at);
        if (all.has(above)) break;
        all.add(above);
      }
  return all;
}

/** The longest one that is above the name. */
function wildcardOver(name: string, below: ReadonlyMap<string, number>) {
  for (let at = nextLabel(name, 0); at >= 0; at = nextLabel(name, at)) {
    const answer = below.get(name.slice(at));
    if (answer !== undefined) return { answer, subject: name.slice(at) };
  }
  return undefined;
}

/** Where the next label begins; -1: there is none. */
function nextLabel(name: string, at: number): number {
  const dot = name.indexOf(".", at);
  return dot < 0 ? -1 : dot + 1;
}

/** RFC 1035 §5.1: what would mean something else in a file. */
function escaped(name: string): string {
  return name.replaceAll(/["();@$\\]/g, String.raw`\$&`);
}
