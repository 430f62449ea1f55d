/** Others judge the same messages over the same zone: SPF by pyspf, DKIM by python3-dkim. Where they differ the case says why. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DKIM_CASES, dkimZone } from "../service/origin/dkim-cases.ts";
import { senderOf, SPF_CASES, spfZone, V4 } from "../service/origin/spf-cases.ts";
import { pythonDkim } from "./support/dkim-verifiers.ts";
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
      const records = new Map(
        Object.entries(dkimZone(one)).flatMap(([at, { TXT = [] }]) =>
          TXT.map((text) => [at, text] as const),
        ),
      );
      const signatures = message.match(/^DKIM-Signature:/gm)?.length ?? 0;
      const judged = await pythonDkim(Buffer.from(message, "latin1"), records, signatures);
      const holds = judged.map((said) => said === "pass");
      const expected = results.filter((result) => result !== "none").map((it) => it === "pass");
      assert.deepEqual(holds, differs?.[0] ?? expected, judged.join());
    }),
  );
  await Promise.all(all);
});
