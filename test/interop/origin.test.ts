/**
 * Others judge the same messages over the same zone: SPF by pyspf, DKIM and ARC by python3-dkim, DMARC by Mail::DMARC. Where they differ
 * the case says why.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ARC_CASES, arcMessage, arcZone } from "../service/origin/arc-cases.ts";
import { DKIM_CASES, dkimZone } from "../service/origin/dkim-cases.ts";
import { DMARC_CASES, dmarcArriving, dmarcZone } from "../service/origin/dmarc-cases.ts";
import { OriginSite } from "../service/origin/site.ts";
import { senderOf, SPF_CASES, spfZone, V4 } from "../service/origin/spf-cases.ts";
import type { Zone } from "../service/origin/zone.ts";
import { pythonArc } from "./support/arc-verifier.ts";
import { pythonDkim, type Records } from "./support/dkim-verifiers.ts";
import { perlDmarc } from "./support/dmarc-verifier.ts";
import { pySpf } from "./support/spf-verifier.ts";

test("pyspf", async (t) => {
  const cases = Object.entries(SPF_CASES);
  const judged = await pySpf(
    cases.map(([name, one]) => {
      const { ip = V4, helo = "client.example", sender = senderOf(name) } = one;
      return { zone: spfZone(name, one), ip, helo, sender };
    }),
  );
  for (const [i, [name, { result, pyspf }]] of cases.entries())
    await t.test(name, () => assert.equal(judged[i], pyspf?.[0] ?? result));
});

test("python3-dkim", { concurrency: 2 }, async (t) => {
  const all = Object.entries(DKIM_CASES).map(async ([name, one]) =>
    t.test(name, async () => {
      const { message, results, pythonDkim: differs } = one;
      const records = textsOf(dkimZone(one));
      const signatures = message.match(/^DKIM-Signature:/gm)?.length ?? 0;
      const judged = await pythonDkim(Buffer.from(message, "latin1"), records, signatures);
      const holds = judged.map((said) => said === "pass");
      const expected = results.filter((result) => result !== "none").map((it) => it === "pass");
      assert.deepEqual(holds, differs?.[0] ?? expected, judged.join());
    }),
  );
  await Promise.all(all);
});

test("python3-dkim, chains", { concurrency: 2 }, async (t) => {
  const all = Object.entries(ARC_CASES).map(async ([name, one]) =>
    t.test(name, async () => {
      const message = await arcMessage(one);
      const said = await pythonArc(Buffer.from(message, "latin1"), textsOf(arcZone(one)));
      const [chain = ""] = said.split(/[ :]/);
      assert.equal(chain, one.pythonDkim?.[0] ?? one.arc, said);
    }),
  );
  await Promise.all(all);
});

/** It is told what SPF and DKIM have said here, which others have been asked about. */
test("Mail::DMARC", async (t) => {
  const cases = Object.entries(DMARC_CASES);
  const questions = cases.map(async ([, one]) => {
    const [zone, arriving] = [dmarcZone(one), dmarcArriving(one)];
    const { event } = await new OriginSite(zone).arrive(arriving);
    assert.ok(event !== undefined);
    const { spf, spfDomain, dkim } = event;
    return {
      zone: { ...zone, "author.example": { ...zone["author.example"], A: ["203.0.113.1"] } }, // it asks whether the domain is there
      from: fromOf(arriving.message),
      spf: { domain: spfDomain, result: spf },
      signers: dkim === "pass" && one.signer !== undefined ? [one.signer] : [],
    };
  });
  const judged = await perlDmarc(await Promise.all(questions));
  for (const [i, [name, { result, perl }]] of cases.entries())
    await t.test(name, () => assert.equal(judged[i], perl?.[0] ?? result));
});

function textsOf(zone: Zone): Records {
  const names = Object.entries(zone);
  return new Map(names.flatMap(([at, { TXT = [] }]) => TXT.map((text) => [at, text] as const)));
}

/** What the last From field says. */
function fromOf(message: string | Uint8Array): string {
  const fields = message.toString().matchAll(/^From: (.*)\r$/gm);
  return [...fields].at(-1)?.[1] ?? "";
}
