/**
 * Zones that a test makes and signs: all of them below a root of its own, whose key is the trust anchor. Signed by BIND's
 * tools, one key a zone (ECDSA P-256), denials by NSEC.
 */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./programs.ts";
import { temporaryDirectory } from "./site.ts";

export interface ZonePlan {
  /** "signed.example" */
  readonly name: string;
  /** Lines as in a zone file, without SOA and NS; relative names are of this zone. */
  readonly records: string;
  /** `unsigned`: the zone above proves that nothing of it is signed. `stale`: its signatures are of last month. */
  readonly signatures?: "good" | "stale" | "unsigned";
  /** Sets whose signatures do not fit, as "mx.signed.example. A". */
  readonly forged?: readonly string[];
}

export interface SignedZones {
  /** The root's key, as a record. */
  readonly trustAnchor: string;
  /** Name with its dot at the end, and the file. */
  readonly files: ReadonlyMap<string, string>;
}

const HEAD = `$TTL 300
@ IN SOA ns.invalid. hostmaster.invalid. 1 7200 3600 1209600 300
@ IN NS ns.invalid.
`;

export async function signZones(plans: readonly ZonePlan[]): Promise<SignedZones> {
  const home = temporaryDirectory();
  mkdirSync(join(home, "keys"));
  const files = new Map<string, string>();
  let root = HEAD;
  for (const plan of plans) {
    const zone = `${plan.name}.`;
    const { file, ds } = await sign(home, zone, HEAD + plan.records, plan);
    files.set(zone, file);
    root += `${zone} IN NS ns.invalid.\n${ds}`;
  }
  const { file, key } = await sign(home, ".", root, {});
  files.set(".", file);
  return { trustAnchor: key, files };
}

interface Signed {
  readonly file: string;
  /** For the zone above; "" where this one is not signed. */
  readonly ds: string;
  readonly key: string;
}

async function sign(
  home: string,
  zone: string,
  text: string,
  { signatures = "good", forged = [] }: Pick<ZonePlan, "signatures" | "forged">,
): Promise<Signed> {
  const file = join(home, `zone-${zone}`);
  writeFileSync(file, `$ORIGIN ${zone}\n${text}\n`);
  if (signatures === "unsigned") return { file, ds: "", key: "" };
  const keys = join(home, "keys");
  const key = ["-a", "ECDSAP256SHA256", "-f", "KSK", "-K", keys];
  const made = await succeed("dnssec-keygen", ["-q", ...key, zone]);
  const signed = `${file}.signed`;
  const places = ["-S", "-K", keys, "-d", home, "-f", signed];
  const times = signatures === "stale" ? ["-s", "now-5184000", "-e", "now-2592000"] : [];
  // -z: the one key signs everything. -P: what is stale is not refused. -O full: a record is a line.
  const how = ["-q", "-z", "-P", "-O", "full", ...times];
  await succeed("dnssec-signzone", [...how, ...places, "-o", zone, file]);
  writeFileSync(signed, forge(readFileSync(signed, "latin1"), forged));
  return {
    file: signed,
    ds: readFileSync(join(home, `dsset-${zone}`), "latin1"),
    key: keyRecord(readFileSync(join(keys, `${made.trim()}.key`), "latin1")),
  };
}

async function succeed(program: string, args: readonly string[]): Promise<string> {
  const { code, stdout, said } = await run(program, args);
  assert.equal(code, 0, said);
  return stdout.toString();
}

/** A line is owner, TTL, IN, type, and for a signature the type that it covers. */
function forge(zone: string, sets: readonly string[]): string {
  let count = 0;
  const lines = zone.split("\n").map((line) => {
    const [owner, , , type, covers] = line.split(/[ \t]+/);
    if (type !== "RRSIG" || !sets.includes(`${owner} ${covers}`)) return line;
    count++;
    return line.replace(/[A-Za-z](?=[^ ]*$)/, (letter) => (letter === "A" ? "B" : "A"));
  });
  assert.equal(count, sets.length, `no signature for one of ${sets.join(", ")}`);
  return lines.join("\n");
}

function keyRecord(file: string): string {
  const line = file.split("\n").find((one) => / IN DNSKEY /.test(one));
  assert.ok(line !== undefined, file);
  return line;
}
