/** Lists die as they have died, and as they might: 500 senders each, and nobody is wronged. */
import { test } from "node:test";
import { DEATHS } from "./deaths.ts";
import { expectNobodyWronged, run } from "./replay-cases.ts";

for (const death of DEATHS)
  test(death.name, async () => {
    const outcome = await run(death);
    expectNobodyWronged(outcome);
    death.expect(outcome);
  });
