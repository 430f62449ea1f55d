/** A verifier of ARC chains by others: python3-dkim. Public keys are given, no DNS is asked. */
import assert from "node:assert/strict";
import { z } from "zod";
import type { Records } from "./dkim-verifiers.ts";
import { run } from "./programs.ts";

const PYTHON = `
import dkim, json, sys

given = json.load(sys.stdin)
records = dict(given["records"])

def txt(name, timeout=5):
    return records.get(name.decode().rstrip("."), "").encode()

cv, sets, reason = dkim.arc_verify(bytes.fromhex(given["message"]), dnsfunc=txt)
print(json.dumps([(cv or b"none").decode(), len(sets), reason]))
`;

const Judged = z.tuple([z.string(), z.number(), z.string()]);

/** What python3-dkim says of the chain: "pass", and how many sets it saw. */
export async function pythonArc(message: Uint8Array, records: Records): Promise<string> {
  const hex = Buffer.from(message).toString("hex");
  const input = JSON.stringify({ records: [...records], message: hex });
  // Debian's own: another Python on the path does not have the module.
  const { code, stdout, said } = await run("/usr/bin/python3", ["-c", PYTHON], { input });
  assert.equal(code, 0, said);
  const [status, sets, reason] = Judged.parse(JSON.parse(stdout.toString()));
  return status === "pass" ? `pass ${sets}` : `${status}: ${reason}`;
}
