/** A name server's own reader takes what `gatepost domain records` prints, pasted into a zone file. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { recordsOf, zoneText, type DomainFacts } from "../../src/operate/doctor/index.ts";
import { domain, facts, ip } from "../operate/doctor/facts.ts";
import { run } from "./support/programs.ts";
import { temporaryDirectory } from "./support/site.ts";

const HEAD = `$TTL 3600
@ IN SOA ns.other.example. hostmaster.other.example. 1 7200 3600 1209600 3600
@ IN NS ns.other.example.
`;

const dkimKeys = [
  { selector: "s1", algorithm: "rsa", publicKey: "A".repeat(392) },
  { selector: "s2", algorithm: "ed25519", publicKey: "B".repeat(44) },
] as const;
const certificateKey = Uint8Array.from({ length: 32 }, (_, n) => n);

const CASES: readonly (readonly [string, Partial<DomainFacts>, readonly RegExp[]])[] = [
  [
    "a host within the domain",
    {},
    [
      /^example\.org\.\s+3600 IN MX\s+10 mx\.example\.org\.$/m,
      /^mx\.example\.org\.\s+3600 IN AAAA\s+2620:fe::9$/m,
      /^_25\._tcp\.mx\.example\.org\.\s+3600 IN TLSA\s+3 1 1 000102/m,
      /^_imap\._tcp\.example\.org\.\s+3600 IN SRV\s+0 0 0 \.$/m,
      /^s1\._domainkey\.example\.org\.\s+3600 IN TXT\s+"v=DKIM1; k=rsa; p=A+" "A+"$/m,
    ],
  ],
  [
    "an international domain with its host elsewhere",
    { domain: domain("bücher.example") },
    [/^xn--bcher-kva\.example\.\s+3600 IN MX\s+10 mx\.example\.org\.$/m],
  ],
  [
    "a smart host, and no address that is known",
    { addresses: [], smartHost: { kind: "address", ip: ip("9.9.9.9") } },
    [/^example\.org\.\s+3600 IN TXT\s+"v=spf1 mx ip4:9\.9\.9\.9 ~all"$/m],
  ],
];

for (const [what, more, expected] of CASES)
  test(`named-checkzone reads the records of ${what}`, async () => {
    const site = facts({ dkimKeys, certificateKey, ...more });
    const file = join(temporaryDirectory(), "zone");
    writeFileSync(file, `${HEAD}${zoneText(recordsOf(site), site)}\n`);
    // -i local: nobody is asked about names elsewhere. -D: the zone as it was understood.
    const args = ["-i", "local", "-k", "fail", "-m", "warn", "-r", "fail", "-D", site.domain, file];
    const { code, said, stdout, stderr } = await run("named-checkzone", args);
    assert.equal(code, 0, said);
    assert.doesNotMatch(stderr, /ignoring|out-of-zone|bad|error/i);
    for (const line of expected) assert.match(stdout.toString(), line);
  });
