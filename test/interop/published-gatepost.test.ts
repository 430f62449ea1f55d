/**
 * Gatepost asks a list that Gatepost publishes: the site that has it, by its own port, and another one through unbound. Who is listed is refused in the
 * list's words; the list is seen to live, and to have ended when it is retired.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { documented } from "./support/documented.ts";
import {
  BAD_NAME,
  DNS_PORT,
  GOOD_NAME,
  LISTED,
  LISTED_V6,
  NAME_TEXT,
  PublishedList,
  RELAY_TEXT,
  RELAYS,
  UNLISTED,
  UNLISTED_V6,
} from "./support/published-list.ts";
import type { Site } from "./support/site.ts";
import { recipientReply } from "./support/swaks.ts";
import { eventually } from "./support/waiting.ts";

/** A list needs no confirmation, for which a test would have to wait. */
const ASKS = `${documented("Gatepost: gatepost.toml")}
[listed]
confirm_minutes = 0
`;

/** What of `lists health --json` is looked at. */
interface Health {
  readonly list: string;
  readonly state: string;
  readonly ailment: string | null;
}

describe("Gatepost as a client of a published list", () => {
  let list: PublishedList;
  let sites: readonly { readonly name: string; readonly site: Site }[];

  before(async () => {
    list = await PublishedList.open(`${ASKS}[dns]\nservers = ["127.0.0.1:${DNS_PORT}"]\n`);
    const other = await list.otherSite(ASKS);
    sites = [
      { name: "the site that has it", site: list.site },
      { name: "another site", site: other },
    ];
    await each((site) => logged(site, "list well", 2));
  });
  after(async () => {
    await sites[1]?.site.stop();
    await list.close();
  });

  async function each(act: (site: Site, name: string) => Promise<unknown>): Promise<void> {
    await Promise.all(sites.map(({ site, name }) => act(site, name)));
  }

  function logged(site: Site, event: string, times = 1): Promise<true> {
    const found = () => site.log().split(`"msg":"${event}"`).length > times || undefined;
    return eventually(found, () => site.log());
  }

  /** What it says to a client of this address, from this domain. */
  function reply(site: Site, from: string, name = GOOD_NAME): Promise<string> {
    return recipientReply(list.network, site.ports.smtp, { from, sender: `x@${name}` });
  }

  async function health(site: Site): Promise<readonly Health[]> {
    const { code, stdout, said } = await site.gatepost("lists", "health", "--json");
    assert.equal(code, 0, said);
    const all = JSON.parse(stdout.toString()) as readonly Health[]; // what it has just printed
    return all.map(({ list: name, state, ailment }) => ({ list: name, state, ailment }));
  }

  const APPEAL = "if this is wrong, turn to postmaster@local.example";
  const TAKEN = /^250 2\.1\.5 /;

  for (const address of [LISTED, LISTED_V6])
    test(`${address} is refused, in the list's words`, () =>
      each(async (site, name) => {
        const says = `550 5.7.1 your address ${address} is listed by our relays; our relays says: ${RELAY_TEXT}${address}; ${APPEAL}`;
        assert.equal(withoutId(await reply(site, address)), says, name);
      }));

  test("so is a sender whose domain is listed", () =>
    each(async (site, name) => {
      const says = `550 5.7.1 the sender's domain ${BAD_NAME} is listed by our names; our names says: ${NAME_TEXT}; ${APPEAL}`;
      assert.equal(withoutId(await reply(site, UNLISTED, BAD_NAME)), says, name);
    }));

  for (const address of [UNLISTED, UNLISTED_V6])
    test(`${address} is not`, () =>
      each(async (site, name) => {
        assert.match(await reply(site, address), TAKEN, name);
      }));

  test("the lists are seen to live", () =>
    each(async (site, name) => {
      const well = { state: "well", ailment: null };
      assert.deepEqual(await health(site), [{ list: "our relays", ...well }, { list: "our names", ...well }], name); // prettier-ignore
    }));

  test("who was taken out is taken", async () => {
    await list.remove(LISTED);
    // What a list said is remembered for a minute at least; a server that is started again knows nothing of it.
    await each((site) => site.restart());
    await each(async (site, name) => {
      assert.match(await reply(site, LISTED), TAKEN, name);
      assert.match(await reply(site, LISTED, BAD_NAME), /^550 5\.7\.1 the sender's domain /, name);
    });
  });

  test("a list that is retired refuses nobody, and whoever looks finds that it has ended", async (t) => {
    await list.retire(RELAYS);
    const late = await list.otherSite(ASKS);
    t.after(() => late.stop());
    await logged(late, "list sick");
    const [relays, names] = await health(late);
    assert.deepEqual(relays, { list: "our relays", state: "sick", ailment: "emptied" });
    assert.deepEqual(names, { list: "our names", state: "well", ailment: null });
    await each(async (site, name) => {
      assert.match(await reply(site, LISTED_V6), TAKEN, name);
      assert.match(
        await reply(site, LISTED_V6, BAD_NAME),
        /^550 5\.7\.1 the sender's domain /,
        name,
      );
    });
  });
});

/** Without the session's id, which ends it. */
function withoutId(reply: string): string {
  return reply.replace(/ \[\w+\]$/, "");
}
