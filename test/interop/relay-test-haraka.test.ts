/** `gatepost test` on Haraka: closed with its list of domains, open by plugins as its users write them. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { startTestedHaraka } from "./support/tested-haraka.ts";
import { notClosed, provedHoles, tested } from "./support/tested-server.ts";

const RELAY = "connection.relaying = true; next(OK);";

describe("Haraka", () => {
  test("well configured: closed in every vector", async (t) => {
    const result = await tested(t, (place) => startTestedHaraka(place));
    // To a PROXY header and to line ends of LF alone it says 421 and 451, and hangs up: not for good, and no relay.
    const weak = /^R(?:20|130|61|109).*: weak \(4[25]1 (?:PROXY|Bare)/;
    assert.deepEqual(
      notClosed(result).filter((line) => !weak.test(line)),
      [],
    );
    assert.equal(result.verdict, "closed");
  });

  for (const [how, holes, hole] of [
    ["to all", ["client address"], RELAY],
    [
      "to a trusted sender",
      ["sender"],
      `if (connection.transaction.mail_from.host === "local.example") { ${RELAY} } else next();`,
    ],
    [
      "to whoever greets with its name",
      ["greeting name"],
      `if (connection.hello.host === "local.example") { ${RELAY} } else next();`,
    ],
  ] as const)
    test(`open ${how}`, async (t) => {
      const result = await tested(t, (place) => startTestedHaraka(place, hole));
      assert.equal(result.verdict, "open", notClosed(result).join("\n"));
      assert.deepEqual(provedHoles(result), holes);
    });
});
