/** Reports as Python's email package reads them: a reader that is not ours. */
import assert from "node:assert/strict";
import { z } from "zod";
import { run } from "./programs.ts";

/**
 * Reads a message on its standard input and says as JSON what it found. The package takes header fields for ASCII and
 * reports UTF-8 (RFC 6532) as defects; and of message/global-delivery-status it knows only that it is like a message.
 */
const READER = `
import email, email.policy, email.utils, json, sys
POLICY = email.policy.SMTPUTF8.clone(refold_source="none")
UTF8_DEFECTS = ("NonASCIILocalPartDefect", "UndecodableBytesDefect")

def fields(part):
    pairs = [(name, str(value).encode("utf-8", "surrogateescape").decode()) for name, value in part.raw_items()]
    return [[name, value.replace("\\r\\n", "").strip()] for name, value in pairs]

def defects(part):
    values = [defect for value in part.values() for defect in getattr(value, "defects", [])]
    return [repr(defect) for defect in list(part.defects) + values if type(defect).__name__ not in UTF8_DEFECTS]

message = email.message_from_bytes(sys.stdin.buffer.read(), policy=POLICY)
text, status, returned = message.get_payload()
groups = status.get_payload()
if status.get_content_type() == "message/global-delivery-status":
    octets = groups[0].as_bytes(policy=POLICY).rstrip(b"\\r\\n")
    groups = [email.message_from_bytes(group, policy=POLICY) for group in octets.split(b"\\r\\n\\r\\n")]
inner = returned.get_payload()
octets = inner[0].as_bytes(policy=POLICY) if isinstance(inner, list) else returned.get_payload(decode=True)
json.dump({
    "defects": [defect for part in message.walk() for defect in defects(part)],
    "header": fields(message),
    "types": [message.get_content_type()] + [part.get_content_type() for part in (text, status, returned)],
    "reportType": message.get_param("report-type"),
    "to": email.utils.parseaddr(dict(fields(message))["To"])[1],
    "text": text.get_content(),
    "groups": [fields(group) for group in groups],
    "returned": octets.hex(),
}, sys.stdout)
`;

const Fields = z.array(z.tuple([z.string(), z.string()])).transform((fields) => new Map(fields));
const Reading = z.object({
  defects: z.array(z.string()),
  header: Fields,
  types: z.array(z.string()),
  reportType: z.string(),
  to: z.string(),
  text: z.string(),
  groups: z.array(Fields),
  returned: z.string().transform((hex) => Buffer.from(hex, "hex").toString()),
});

/** What a program of somebody else makes of a report; one of another structure than three parts fails. */
export type ReadReport = z.output<typeof Reading>;

/** Octets, or their characters in latin1. */
export async function readReport(message: Uint8Array | string): Promise<ReadReport> {
  const input = typeof message === "string" ? Buffer.from(message, "latin1") : Buffer.from(message);
  const { code, stdout, said } = await run("python3", ["-c", READER], { input });
  assert.equal(code, 0, said);
  return Reading.parse(JSON.parse(stdout.toString()));
}
