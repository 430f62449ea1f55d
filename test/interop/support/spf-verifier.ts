/** SPF by others: pyspf (python3-spf), over a zone of the test's; no DNS is asked. */
import assert from "node:assert/strict";
import { z } from "zod";
import type { Zone } from "../../service/origin/zone.ts";
import { run } from "./programs.ts";

export interface SpfQuestion {
  readonly zone: Zone;
  readonly ip: string;
  readonly helo: string;
  readonly sender: string;
}

const PYTHON = `
import json, socket, sys
import spf

def shaped(kind, value):
    if kind == "TXT":
        return (value.encode("latin-1"),)
    if kind == "MX":
        return tuple(value)
    if kind == "AAAA":
        return socket.inet_pton(socket.AF_INET6, value)
    return value

def lookup_in(zone):
    def lookup(name, kind, *rest, **more):
        records = zone.get(name.rstrip(".").lower(), {})
        if records.get("fails", [None])[0] == kind:
            raise spf.TempError("DNS " + records["fails"][1])
        values = records.get(kind, [])
        if kind == "MX":
            values = [(10 * i, it) for i, it in enumerate(values)]
        return [((name, kind), shaped(kind, value)) for value in values]
    return lookup

def judged(question):
    spf.DNSLookup = lookup_in(question["zone"])
    return spf.check2(question["ip"], question["sender"], question["helo"])[0]

print(json.dumps([judged(question) for question in json.load(sys.stdin)]))
`;

const Judged = z.array(z.string());

/** The result of each. */
export async function pySpf(questions: readonly SpfQuestion[]): Promise<readonly string[]> {
  const input = JSON.stringify(questions);
  // Debian's own: another Python on the path does not have the module.
  const { code, stdout, said } = await run("/usr/bin/python3", ["-c", PYTHON], { input });
  assert.equal(code, 0, said);
  return Judged.parse(JSON.parse(stdout.toString()));
}
