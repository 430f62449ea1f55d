/** `gatepost test` on Exim: well configured it is closed in all vectors, each hole is proved by a message that came back and named. */
import { describe, test } from "node:test";
import { startTestedExim, type EximHole } from "./support/tested-exim.ts";
import { assertClosed, assertOpen, tested } from "./support/tested-server.ts";

const PERCENT_ROUTER = `percent:
  driver = redirect
  domains = +here
  local_parts = ^.*%
  data = \${sg{$local_part}{%}{@}}
`;

describe("Exim", () => {
  test("well configured: closed in every vector", async (t) => {
    assertClosed(await tested(t, (place) => startTestedExim(place)));
  });

  const HOLES: readonly (readonly [how: string, holes: readonly string[], hole: EximHole])[] = [
    ["to all", ["client address"], { accept: "  accept" }],
    ["to a gateway's network", ["client address"], { accept: "  accept hosts = 127.0.0.0/8" }],
    ["to a trusted sender", ["sender"], { accept: "  accept sender_domains = +here" }],
    [
      "to the percent hack, by a router that unpacks it",
      ["percent hack"],
      { accept: "  accept domains = +here", router: PERCENT_ROUTER },
    ],
  ];
  for (const [how, holes, hole] of HOLES)
    test(`open ${how}`, async (t) => {
      assertOpen(await tested(t, (place) => startTestedExim(place, hole)), holes);
    });
});
