/** What a local list answers: the same as a zone of the DNS made from its file would. */
import type { ListReader } from "./files/index.ts";
import type { ListSubject } from "./list.ts";
import { CODES_LIMIT, type RawAnswer } from "./reading.ts";
import { reasonText } from "./reason-text.ts";

/** Of several texts the first, as of a zone. */
export function fileAnswer(reader: ListReader, subject: ListSubject): RawAnswer {
  const found =
    subject.kind === "address" ? reader.address(subject.ip) : reader.name(subject.domain);
  // A text alone lists nobody.
  if (found === undefined || found.codes.length === 0) return { kind: "clear" };
  const [first] = found.texts;
  const text = first === undefined ? undefined : reasonText(new TextEncoder().encode(first), {});
  return {
    kind: "codes",
    codes: found.codes.slice(0, CODES_LIMIT),
    ...(text !== undefined && { text }),
  };
}
