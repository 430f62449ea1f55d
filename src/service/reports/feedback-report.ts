/** The second part of a feedback report (RFC 5965 §3): what it complains of, and the host that it names. */
import { findFields } from "../../mail/index.ts";
import { Unreadable } from "./unreadable.ts";

export interface Feedback {
  /** As it is written; absent where none is named. */
  readonly source?: string;
}

/** RFC 5965 §7.3: what is said of a message that should not have come. Of others it is said that all is well with it, or only its signature is not. */
const COMPLAINTS: ReadonlySet<string> = new Set(["abuse", "fraud", "virus", "other"]);

/** Octets of a field that are looked at. */
const FIELD_OCTETS = 200;

/** Throws `Unreadable`. */
export function feedbackOf(fields: Uint8Array): Feedback {
  const type = onlyOne(fields, "Feedback-Type")?.toLowerCase();
  if (type === undefined || !COMPLAINTS.has(type))
    throw new Unreadable(`a feedback report of the type "${type ?? ""}"; expected ${[...COMPLAINTS].join(", ")}`); // prettier-ignore
  const source = onlyOne(fields, "Source-IP");
  return source === undefined ? {} : { source };
}

/** RFC 5965 §3.1 and §3.2: both appear once at most. */
function onlyOne(fields: Uint8Array, name: string): string | undefined {
  const [place, second] = findFields(fields, name);
  if (second !== undefined) throw new Unreadable(`a feedback report with several fields ${name}`);
  if (place === undefined) return undefined;
  const { body, end } = place;
  const octets = fields.subarray(body, Math.min(end, body + FIELD_OCTETS));
  return Buffer.from(octets).toString("latin1").trim();
}
