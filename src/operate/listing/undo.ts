/**
 * A change is taken back by a new one: what it touched becomes what it was. Not where something of it was changed again meanwhile, and not
 * where what was may not be any more: an entry that would be over, or that is guarded now.
 */
import type { PublishedChange, PublishedEditPart, PublishedPart } from "../../store/index.ts";
import { guardProblem } from "./guards.ts";
import { applied, type ListingSite, type Made } from "./site.ts";
import { readSubject } from "./subject.ts";

export interface Undone extends Made {
  readonly zone: string;
  /** Entries that are back, that are gone, and that are as they were. */
  readonly back: number;
  readonly gone: number;
  readonly asBefore: number;
  /** What was not put back, as it would be over by now. */
  readonly over: number;
}

const PAGE_PARTS = 2000;

export async function undoChange(
  site: ListingSite,
  id: number,
  by: string,
): Promise<Undone | string> {
  const change = await site.published.change(id);
  if (change === undefined)
    return `there is no change ${id}; \`gatepost list log\` shows those there are`;
  const taken =
    change.undoes === undefined ? undefined : await site.published.change(change.undoes);
  const problem =
    taken?.action === "retire"
      ? `change ${id} took back that ${change.zone} was retired; retire it again`
      : cannotBe(change);
  if (problem !== undefined) return problem;
  const planned = (await partsOf(site, id)).map((part) => undoing(site, change, part));
  const wrong = planned.find((one) => typeof one === "string");
  if (wrong !== undefined) return wrong;
  const steps = planned.filter((one) => typeof one === "object");
  const made = await applied(site, {
    zone: change.zone,
    at: site.now(),
    by,
    origin: "person",
    action: "undo",
    why: `change ${id} is taken back: ${change.why}`,
    undoes: id,
    parts: steps.flatMap(({ part }) => part ?? []),
    ...(change.action === "retire" && { state: { retired: false } }),
  });
  if (typeof made === "string") return made;
  const count = (becomes: Step["becomes"]): number => steps.filter((step) => step.becomes === becomes).length; // prettier-ignore
  return { ...made, zone: change.zone, back: count("back"), gone: count("gone"), asBefore: count("as before"), over: count("over") }; // prettier-ignore
}

interface Step {
  readonly becomes: "back" | "gone" | "as before" | "over";
  /** Left out: nothing is to be done. */
  readonly part?: PublishedEditPart;
}

function cannotBe({ id, action, undoneBy }: PublishedChange): string | undefined {
  if (undoneBy !== undefined) return `change ${id} was taken back already, by change ${undoneBy}`;
  switch (action) {
    case "brake":
    case "release":
      return `change ${id} is about the brake; \`gatepost list brake release\` lets it go`;
    case "expire":
      return `change ${id} removed what was over; list it again where it is still true`;
    case "add":
    case "renew":
    case "remove":
    case "import":
    case "retire":
    case "undo":
      return undefined;
  }
}

async function partsOf({ published }: ListingSite, id: number): Promise<readonly PublishedPart[]> {
  const all: PublishedPart[] = [];
  for (let after = ""; ;) {
    const page = await published.parts(id, { after, limit: PAGE_PARTS });
    all.push(...page);
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE_PARTS) return all;
    after = last.subject;
  }
}

/** The reason where it cannot be. */
function undoing(
  { published, rules, now }: ListingSite,
  { id, zone }: PublishedChange,
  { subject, before, after }: PublishedPart,
): Step | string {
  const seen = after === undefined ? 0 : id;
  if ((published.find(zone, subject)?.change ?? 0) !== seen)
    return `${subject} was changed again since change ${id}; nothing was done`;
  if (before === undefined) return { becomes: "gone", part: { subject, seen } };
  if (before.until <= now())
    return { becomes: "over", ...(after !== undefined && { part: { subject, seen } }) };
  const problem = guardProblem(readSubject(subject), rules);
  if (problem !== undefined) return `${subject} cannot be listed: ${problem}; nothing was done`;
  const part = { subject, seen, after: before };
  return { becomes: after === undefined ? "back" : "as before", part };
}
