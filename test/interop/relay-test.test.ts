/** `gatepost test` on Gatepost: closed in all vectors, and it says of itself what it says of others. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  gatepostTest,
  notClosed,
  testedPlace,
  testedServer,
  type TestedPlace,
} from "./support/tested-server.ts";
import { startSite } from "./support/site.ts";

describe("Gatepost", () => {
  test("is closed in every vector, on every port", async (t) => {
    const site = await startSite();
    t.after(() => site.stop());
    const { sink } = await testedPlace();
    const { smtp, submission, submissions } = site.ports;
    const places: readonly TestedPlace[] = [
      { port: smtp, sink },
      { port: submission, sink },
      { port: submissions, sink, implicitTls: true },
    ];
    for (const place of places) {
      const result = await testedServer(place, () => site.log());
      assert.equal(result.verdict, "closed", notClosed(result).join("\n"));
      assert.deepEqual(notClosed(result), []);
    }
  });

  test("says of itself what it says of others", async (t) => {
    const site = await startSite();
    t.after(() => site.stop());
    const { code, said } = await site.gatepost("test", "--self");
    assert.equal(code, 0, said);
    assert.match(said, /Closed: mx\.local\.example refused everything/);
    assert.match(said, /relay proof holds/);
  });

  test("shows one vector with all that was said", async (t) => {
    const site = await startSite();
    t.after(() => site.stop());
    const place = { port: site.ports.smtp, sink: (await testedPlace()).sink };
    const { code, said } = await gatepostTest(place, "--vector", "R30");
    assert.equal(code, 0, said);
    assert.match(
      said,
      /C: RCPT TO:<t-[a-z2-7]{16}%tester\.example@local\.example>\n +S: 550 5\.7\.1/,
    );
  });
});
