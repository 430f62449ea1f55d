/** DKIM in real sessions, for an author who asks for the refusal of everything else: only a signature that holds is let in. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DKIM_CASES, dkimZone } from "./dkim-cases.ts";
import { OriginSite } from "./site.ts";

/** Taken in spite of the author's wish, with a mark. */
const MARKED: ReadonlyMap<string, string> = new Map([
  ["a key that nobody answers for", "dmarc=temperror"], // nobody can say that it is false
  ["a second From that nobody signed", "dmarc=permerror"], // one of the two authors is true
]);

for (const [name, one] of Object.entries(DKIM_CASES))
  test(name, async () => {
    const { message, results } = one;
    const mark = MARKED.get(name);
    const arrived = await new OriginSite(dkimZone(one)).arrive({ message });
    assert.equal(arrived.event?.dkim, results.join());
    const taken = results.includes("pass") || mark !== undefined;
    const refused = !taken || name === "a second From where none may be";
    assert.match(arrived.reply, refused ? /^550 5\.7\.26 / : /^250 /);
    assert.deepEqual(arrived.marks, mark === undefined ? [] : [mark, "spf=fail"]);
    const told = arrived.results.filter((text) => text.startsWith("dkim="));
    if (arrived.stored !== "")
      assert.deepEqual(
        told.map((text) => /^dkim=([a-z]+)/.exec(text)?.[1]),
        results,
      );
    const alone = await new OriginSite(dkimZone(one), {
      dmarc: "ignore",
      dkim: "refuse",
      dnsFailure: "defer",
    }).arrive({ message });
    assert.ok(alone.reply.startsWith(answer(results)), alone.reply);
  });

/** Where a signature has to hold, whoever the author is. */
function answer(results: readonly string[]): string {
  if (results.includes("pass") || results.includes("none")) return "250 ";
  if (results.includes("temperror")) return "451 4.4.3 ";
  return results.includes("policy") ? "550 5.7.21 " : "550 5.7.20 ";
}
