/** Lists that rbldnsd serves, through unbound: what swaks and Postfix hand in from addresses that are listed, and from others. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { assertArrived } from "./support/arrival.ts";
import {
  LISTED,
  LISTED_NAMES,
  LISTED_TOO,
  ON_TWO,
  RELAYS,
  startListServers,
  UNLISTED,
  VOUCHED_FOR,
  type ListServers,
} from "./support/list-servers.ts";
import { takeMessage, takeMessages } from "./support/mailbox.ts";
import { KIB, makeMessage } from "./support/messages.ts";
import { startPostfix, type Postfix } from "./support/postfix.ts";
import type { Run } from "./support/programs.ts";
import { startSite, USER, type Site } from "./support/site.ts";
import { swaks } from "./support/swaks.ts";
import { eventually } from "./support/waiting.ts";

const [BAD_NAME, IDN] = LISTED_NAMES;

describe("lists of rbldnsd, through unbound", () => {
  let servers: ListServers;
  before(async () => {
    servers = await startListServers();
  });
  after(() => servers.stop());

  /** Each list has a vote once it has been probed. */
  async function startAsking(...settings: readonly string[]): Promise<Site> {
    const site = await startSite({ settings: [...servers.settings, ...settings] });
    const well = () => site.log().match(/"list well"/g)?.length === servers.count || undefined;
    await eventually(well, () => site.log());
    return site;
  }

  describe("swaks", () => {
    let site: Site;
    before(async () => {
      site = await startAsking("listed.confirm_minutes=0");
    });
    after(() => site.stop());

    function from(address: string, message: Buffer, ...more: string[]): Promise<Run> {
      return swaks(site, message, "--local-interface", address, ...more);
    }

    const message = makeMessage("swaks and the lists", { bytes: KIB });

    const REFUSED: readonly { title: string; how: readonly [string, ...string[]]; says: RegExp }[] =
      [
        {
          title: "from a listed address",
          how: [LISTED],
          says: /550 5\.7\.1 your address 127\.0\.0\.66 is listed by Spam; Spam says: https:\/\/list\.example\/\?ip=127\.0\.0\.66; if this is wrong, turn to postmaster@local\.example \[\w+\]/,
        },
        {
          title: "from an address on two lists",
          how: [ON_TWO],
          says: /550 5\.7\.1 your address 127\.0\.0\.67 is listed by Spam, Relays; Spam says: /,
        },
        {
          title: "with a listed name",
          how: [UNLISTED, "--helo", BAD_NAME],
          says: /550 5\.7\.1 the name you gave, bad\.example is listed by Names; Names says: a name of spammers; /,
        },
        {
          title: "with a listed name in another alphabet",
          how: [UNLISTED, "--helo", IDN],
          says: /550 5\.7\.1 the name you gave, xn--bcher-kva\.example is listed by Names; /,
        },
        {
          title: "for a listed domain",
          how: [UNLISTED, "--from", `x@${BAD_NAME}`],
          says: /550 5\.7\.1 the sender's domain bad\.example is listed by Names; /,
        },
      ];
    for (const { title, how, says } of REFUSED)
      test(`is refused ${title}, in the list's words`, async () => {
        const [address, ...more] = how;
        const { code, said } = await from(address, message, ...more);
        assert.equal(code, 24, said); // swaks: no recipient was accepted
        assert.match(said, says);
        assert.deepEqual(await takeMessages(site), []);
      });

    const TAKEN: readonly [title: string, address: string][] = [
      ["from an address that is on no list", UNLISTED],
      ["from a listed address for which another list vouches", VOUCHED_FOR],
    ];
    for (const [title, address] of TAKEN)
      test(`delivers ${title}`, async () => {
        const { code, said } = await from(address, message);
        assert.equal(code, 0, said);
        assertArrived(await takeMessage(site), message);
      });

    for (const relay of RELAYS)
      test(`is marked for a message that came through the open relay ${relay}`, async () => {
        const literal = relay.includes(":") ? `IPv6:${relay}` : relay;
        const way = `Received: from relay.example (relay.example [${literal}]) by mx.remote.example;\r\n\tTue, 01 Sep 2026 12:00:00 +0000\r\n`;
        const { code, said } = await from(UNLISTED, Buffer.concat([Buffer.from(way), message]));
        assert.equal(code, 0, said);
        const arrived = (await takeMessage(site)).toString("latin1");
        assert.match(arrived, /^X-Gatepost-Mark: listed=5 \(Relays 5\)\r\n/m);
      });
  });

  describe("Postfix", () => {
    let site: Site;
    before(async () => {
      site = await startAsking();
    });
    after(() => site.stop());

    /** Hands a message to a Postfix that sends from this address; returns what it says became of it. */
    async function result(address: string, message: Buffer, sender: string): Promise<string> {
      const more = `smtp_bind_address = ${address}\nsmtp_bind_address_enforce = yes\n`;
      const postfix: Postfix = await startPostfix(site.ports.smtp, more);
      try {
        await postfix.submit(message, sender, USER);
        const outcome = () => / to=<user@local\.example>, .* status=.*/.exec(postfix.log())?.[0];
        return await eventually(outcome, () => postfix.log());
      } finally {
        await postfix.stop();
      }
    }

    const sender = "sender@remote.example";
    const message = makeMessage("Postfix and the lists", { bytes: KIB });

    test("from an address on two lists it gives up, and says why", async () => {
      assert.match(
        await result(ON_TWO, message, sender),
        /dsn=5\.7\.1, status=bounced \(.* said: 550 5\.7\.1 your address 127\.0\.0\.67 is listed by Spam, Relays; Spam says: https:/,
      );
      assert.deepEqual(await takeMessages(site), []);
    });

    test("from an address on one list it keeps the message, while the list is being confirmed", async () => {
      assert.match(
        await result(LISTED, message, sender),
        /dsn=4\.7\.1, status=deferred \(.* said: 451 4\.7\.1 your address 127\.0\.0\.66 is listed by Spam; .*being confirmed; come again in 15 minutes/,
      );
      assert.deepEqual(await takeMessages(site), []);
    });

    test("for a listed domain in another alphabet, likewise", async () => {
      assert.match(
        await result(UNLISTED, message, "x@bücher.example"),
        /status=deferred \(.* said: 451 4\.7\.1 the sender's domain xn--bcher-kva\.example is listed by Names; /,
      );
    });

    test("from other addresses it delivers", async () => {
      assert.match(await result(UNLISTED, message, sender), /dsn=2\.0\.0, status=sent/);
      const arrived = (await takeMessage(site)).toString("latin1");
      assert.match(arrived, /^Subject: Postfix and the lists\r$/m);
      assert.match(arrived, /^Received: from postfix\.remote\.example[^]*\[127\.0\.0\.5\]/m);
    });

    test("from a listed address too, when rbldnsd is dead", async () => {
      await servers.die();
      assert.match(await result(LISTED_TOO, message, sender), /dsn=2\.0\.0, status=sent/);
      await takeMessage(site);
    });
  });
});
