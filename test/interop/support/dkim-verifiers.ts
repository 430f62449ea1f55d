/** Verifiers of DKIM signatures by others: python3-dkim and opendkim. Public keys are given, no DNS is asked. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { run } from "./programs.ts";

/** TXT records by name. */
export type Records = ReadonlyMap<string, string>;

/** Reads the records and the message in hex; says of each signature whether it verifies, or why not. */
const PYTHON = `
import dkim, json, sys

given = json.load(sys.stdin)
records = dict(given["records"])
message = bytes.fromhex(given["message"])

def txt(name, timeout=5):
    return records.get(name.decode().rstrip("."), "").encode()

def judged(index):
    try:
        return "pass" if dkim.DKIM(message).verify(index, dnsfunc=txt) else "fail"
    except dkim.DKIMException as why:
        return repr(why)

print(json.dumps([judged(index) for index in range(given["signatures"])]))
`;

const Judged = z.array(z.string());

/** What python3-dkim says of each of the topmost signatures. */
export async function pythonDkim(
  message: Uint8Array,
  records: Records,
  signatures: number,
): Promise<readonly string[]> {
  const hex = Buffer.from(message).toString("hex");
  const input = JSON.stringify({ records: [...records], message: hex, signatures });
  // Debian's own: another Python on the path does not have the module.
  const { code, stdout, said } = await run("/usr/bin/python3", ["-c", PYTHON], { input });
  assert.equal(code, 0, said);
  return Judged.parse(JSON.parse(stdout.toString()));
}

/** The results that opendkim writes into Authentication-Results: "pass rsa-sha256" and the like, in order. */
export async function openDkim(message: Uint8Array, records: Records): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), "gatepost-dkim-"));
  try {
    const [keys, config, mail] = ["keys", "config", "mail"].map((name) => join(folder, name));
    assert.ok(keys !== undefined && config !== undefined && mail !== undefined);
    writeFileSync(keys, [...records].map(([name, text]) => `${name} ${text}\n`).join(""));
    writeFileSync(config, `TestPublicKeys ${keys}\nMode v\nSyslog no\n`);
    writeFileSync(mail, message);
    const { said } = await run("/usr/sbin/opendkim", ["-x", config, "-vv", "-t", mail]);
    const results = said.matchAll(/dkim=(\w+)[^;]*?header\.a=([\w-]+)/g);
    return [...results].map(([, result, algorithm]) => `${result} ${algorithm}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
