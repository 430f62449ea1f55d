/** The ARC sets that a message brings, as they stand there (RFC 8617 §4.2). Whether they are true is for others to say. */
import { findFields } from "../../mail/index.ts";
import { relaxedField } from "./relaxed-header.ts";
import { ARC_SEAL_FIELD, ARC_SIGNATURE_FIELD } from "./signature-field.ts";

export const ARC_RESULTS_FIELD = "ARC-Authentication-Results";

/** In the order in which a seal covers them (RFC 8617 §5.1.1). */
const NAMES = [ARC_RESULTS_FIELD, ARC_SIGNATURE_FIELD, ARC_SEAL_FIELD] as const;

export interface ArcChain {
  /** The highest instance on any ARC field; 0 where there is none. */
  readonly highest: number;
  /** The highest seal says that the chain had failed before it. */
  readonly hasFailed: boolean;
  /** Sets 1 to the highest in their relaxed form, as the next seal covers them; undefined where they are not exactly one of each. */
  readonly sealed: string | undefined;
}

export function readChain(section: Uint8Array): ArcChain {
  const fields = NAMES.flatMap((name) =>
    findFields(section, name).map(({ body, end }) => {
      const value = Buffer.from(section.subarray(body, end)).toString("latin1");
      return { name, value, instance: instanceOf(value) };
    }),
  );
  const highest = fields.reduce((most, { instance }) => Math.max(most, instance), 0);
  const inOrder = fields.toSorted((one, other) => one.instance - other.instance);
  const isWhole =
    fields.length === NAMES.length * highest &&
    inOrder.every(
      ({ name, instance }, i) =>
        name === NAMES[i % NAMES.length] && instance === Math.floor(i / NAMES.length) + 1,
    );
  const last = fields.find(({ name, instance }) => name === ARC_SEAL_FIELD && instance === highest);
  return {
    highest,
    hasFailed: last !== undefined && tag(last.value, "cv").toLowerCase() === "fail",
    sealed: isWhole
      ? inOrder.map(({ name, value }) => `${relaxedField(name, value)}\r\n`).join("")
      : undefined,
  };
}

/** 0 where there is none that counts (RFC 8617 §3.9: one or two digits). */
function instanceOf(value: string): number {
  const digits = tag(value, "i");
  return /^[0-9]{1,2}$/.test(digits) ? Number(digits) : 0;
}

/** Of a tag list (RFC 6376 §3.2), without blanks; "" where it is not there. */
function tag(list: string, name: string): string {
  for (const part of list.split(";")) {
    const [written = "", ...value] = part.split("=");
    if (written.trim() === name) return value.join("=").trim();
  }
  return "";
}
