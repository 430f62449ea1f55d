/** Which fields of a header section are signed: what a reader is shown, and what says how to show the body. */
import { beginsFolded } from "../../mail/index.ts";
import { fieldsNamed, type NamedFields } from "./relaxed-header.ts";

/**
 * A message has at most one of each (RFC 5322 §3.6). Where there is one it is named once more in `h=`, so that nobody can add
 * a second one, which many programs would show instead of the first.
 */
const SINGLE = [
  "From",
  "Sender",
  "Reply-To",
  "To",
  "Cc",
  "Subject",
  "Date",
  "Message-ID",
  "In-Reply-To",
  "References",
  "MIME-Version",
  "Content-Type",
  "Content-Transfer-Encoding",
  "Content-Disposition",
];

/** RFC 2369, RFC 2919, RFC 8058: a program may act on them. */
const LIST = [
  "List-Id",
  "List-Help",
  "List-Unsubscribe",
  "List-Unsubscribe-Post",
  "List-Subscribe",
  "List-Post",
  "List-Owner",
  "List-Archive",
];

/** So many fields are signed; a message of more is hostile, and verifiers may give up on it. */
export const SIGNED_FIELDS_LIMIT = 100;

export interface FieldsToSign {
  readonly fields: readonly NamedFields[];
  /** For `h=`: in their order, those that may not be added too. */
  readonly names: readonly string[];
}

/** Undefined where no signature would say anything clear: not exactly one From, or more than `SIGNED_FIELDS_LIMIT` fields. */
export function fieldsToSign(section: Uint8Array): FieldsToSign | undefined {
  if (beginsFolded(section)) return undefined;
  const found = fieldsNamed(section, [...SINGLE, ...LIST]);
  const fields = found.filter(({ places }) => places.length > 0);
  const total = fields.reduce((sum, { places }) => sum + places.length, 0);
  const from = fields.find(({ name }) => name === "From")?.places.length;
  if (from !== 1 || total > SIGNED_FIELDS_LIMIT) return undefined;
  const names = fields.flatMap(({ name, places }) =>
    Array.from<string>({ length: places.length + (SINGLE.includes(name) ? 1 : 0) }).fill(name),
  );
  return { fields, names };
}
