/** dig, kdig and unbound (with QNAME minimisation) ask a list that Gatepost publishes. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { run } from "./support/programs.ts";
import { freePortBase, startSite, temporaryDirectory, type Site } from "./support/site.ts";
import { launchUnbound, type Unbound } from "./support/unbound.ts";

const [ADDRESSES, NAMES] = ["relays.bl.example", "names.bl.example"];
const LISTED_V6 = "2001:db8:0:7::25";

describe("a published list", () => {
  let site: Site | undefined;
  let unbound: Unbound | undefined;
  let [port, resolver] = [0, 0];

  before(async () => {
    const home = temporaryDirectory();
    const files = [join(home, "relays.combined"), join(home, "names.dnset")];
    writeFileSync(files[0] ?? "", `$DATASET ip4set @\n:2:open relay: $\n192.0.2.7\n$DATASET ip6trie @\n:2:open relay: $\n2001:db8:0:7::/64\n`); // prettier-ignore
    writeFileSync(files[1] ?? "", ":3:seen in spam: $\n.bad.shop.example\n");
    [port, resolver] = [(await freePortBase()) + 53, (await freePortBase()) + 53];
    const zones = [[ADDRESSES, "addresses"], [NAMES, "names"]].map(([zone, kind], i) => `{ zone = "${zone}", kind = "${kind}", ns = ["ns1.example.org"], contact = "hostmaster@example.org", files = ["${files[i]}"] }`); // prettier-ignore
    const listen = `listen.dns=[{ address = "127.0.0.1", port = ${port} }]`;
    site = await startSite({ settings: [`listing.zone=[${zones.join(", ")}]`, listen, "listing.special_ranges=true"] }); // prettier-ignore
    const stubs = [ADDRESSES, NAMES].map((zone) => ({ zone: zone ?? "", port }));
    unbound = await launchUnbound("  qname-minimisation: yes\n  qname-minimisation-strict: yes\n", "", { port: resolver, stubs }); // prettier-ignore
  });
  after(async () => {
    await Promise.all([unbound?.stop(), site?.stop()]);
  });

  const v6Name = "20010db8000000070000000000000025".split("").toReversed().join(".");

  /** Name and type, what is answered in short, and the code. */
  const CASES: readonly (readonly [string, string, string, string])[] = [
    [`7.2.0.192.${ADDRESSES}`, "A", "127.0.0.2", "NOERROR"],
    [`7.2.0.192.${ADDRESSES}`, "TXT", '"open relay: 192.0.2.7"', "NOERROR"],
    [`8.2.0.192.${ADDRESSES}`, "A", "", "NXDOMAIN"],
    [`2.0.192.${ADDRESSES}`, "A", "", "NOERROR"],
    [`192.${ADDRESSES}`, "A", "", "NOERROR"],
    [`193.${ADDRESSES}`, "A", "", "NXDOMAIN"],
    [`${v6Name}.${ADDRESSES}`, "A", "127.0.0.2", "NOERROR"],
    [`${v6Name}.${ADDRESSES}`, "TXT", `"open relay: ${LISTED_V6}"`, "NOERROR"],
    [`2.0.0.127.${ADDRESSES}`, "A", "127.0.0.2", "NOERROR"],
    [`1.0.0.127.${ADDRESSES}`, "A", "", "NXDOMAIN"],
    [`mail.bad.shop.example.${NAMES}`, "A", "127.0.0.3", "NOERROR"],
    [`bad.shop.example.${NAMES}`, "TXT", '"seen in spam: bad.shop.example"', "NOERROR"],
    [`shop.example.${NAMES}`, "A", "", "NOERROR"],
    [`good.shop.example.${NAMES}`, "A", "", "NXDOMAIN"],
    [`test.${NAMES}`, "A", "127.0.0.2", "NOERROR"],
    [`invalid.${NAMES}`, "A", "", "NXDOMAIN"],
  ];

  async function asked(program: string, at: number, more: readonly string[]): Promise<string[][]> {
    return Promise.all(
      CASES.map(async ([question, type]) => {
        const args = [...more, "@127.0.0.1", "-p", String(at), question, type];
        const { said, stdout } = await run(program, args);
        const [, code = said] = /status: (\w+)/.exec(said) ?? [];
        const answers = stdout.toString().split("\n").filter((line) => line !== "" && !line.startsWith(";")); // prettier-ignore
        const data = answers.map((line) => line.split(/\s+/).slice(4).join(" "));
        return [question, type, data.join(" "), code];
      }),
    );
  }

  const WAYS = [
    ["dig", ["+noauthority"]],
    ["dig", ["+noauthority", "+tcp"]],
    ["dig", ["+noauthority", "+noedns"]],
    ["kdig", ["+noauthority", "+header"]],
    ["kdig", ["+noauthority", "+header", "+tcp"]],
  ] as const;

  for (const [program, more] of WAYS)
    test(`${program} ${more.join(" ")}`, async () => {
      assert.deepEqual(await asked(program, port, more), CASES);
    });

  test("through unbound, which asks label by label", async () => {
    assert.deepEqual(await asked("dig", resolver, ["+noauthority"]), CASES, unbound?.log() ?? "");
  });
});
