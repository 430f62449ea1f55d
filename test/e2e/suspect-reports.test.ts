/**
 * Hosts are reported by mail and by traps, over sockets and a DNS that a test writes: who may report is heard, and what came of it stands in the
 * store. Hosts are addresses of this machine.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { SuspectReport } from "../../src/store/index.ts";
import { openSqliteStore } from "../../src/store/sqlite/index.ts";
import { ABUSE, feedback, forwarded, sample } from "../service/reports/relay-mails.ts";
import { eventually } from "../support/eventually.ts";
import { run } from "../interop/support/programs.ts";
import { GATEPOST } from "../interop/support/site.ts";
import { idIn } from "./letter.ts";
import { BOB, SendingSite } from "./sending-site.ts";
import { USER } from "./site.ts";

const TO = "relays@local.example";
const TRAP = "trap@local.example";
const SETTINGS = [
  'tester.domain="tests.local.example"',
  'listing.zone=[{ zone="bl.local.example", kind="addresses", ns=["ns.local.example"], contact="ann@local.example" }]',
  "listing.special_ranges=true",
  'suspects.zone="bl.local.example"',
  "suspects.ports=[1]",
  `suspects.address="${TO}"`,
  "authentication.private_clients=true",
];

test("hosts are reported by mail and by traps", async (t) => {
  const here = await SendingSite.start(t, {
    settings: () => SETTINGS,
    zone: (zone) => {
      zone.txt("reporter.example", "v=spf1 ip4:127.0.0.1 -all");
      zone.txt("_dmarc.reporter.example", "v=DMARC1; p=none");
      zone.txt("plain.example", "v=spf1 ip4:127.0.0.1 -all");
    },
  });
  const store = await openSqliteStore({ path: `${here.site.dir}/gatepost.db`, exclusive: false });
  t.after(() => store.close());
  const reported = (host: string): Promise<SuspectReport> =>
    eventually(`a report of ${host}`, async () => (await store.suspects.reports(host, 1))[0]);
  const of = ({ origin, by, cause }: SuspectReport) => {
    const { kind, head } = JSON.parse(cause) as { kind: string; head: string }; // as it was written
    return [origin, by, kind, /^Subject: (.*)$/m.exec(head)?.[1]?.trim()];
  };
  const from = (address: string, mail: string): string =>
    mail.replace("From: Joe <joe@reporter.example>", `From: <${address}>`);

  await t.test("by a user of ours who has logged in", async () => {
    const content = from(BOB, forwarded(sample("127.9.8.1"), sample("127.9.8.2")));
    idIn(await here.bobSends({ to: TO, content }));
    for (const host of ["127.9.8.1", "127.9.8.2"])
      assert.deepEqual(of(await reported(host)), ["mail", BOB, "sample", "an offer"]);
    assert.ok(store.suspects.find("127.9.8.1") !== undefined);
  });

  await t.test("by a stranger whose domain vouches for him", async () => {
    const letter = { from: "joe@reporter.example", to: TO };
    idIn(
      await here.strangerSends({
        ...letter,
        content: feedback([...ABUSE, "Source-IP: 127.9.8.3"]),
      }),
    );
    assert.deepEqual(of(await reported("127.9.8.3")), [
      "mail",
      "reporter.example",
      "sample",
      "an offer",
    ]);
    assert.deepEqual(await here.fetch(USER), [], "its mail has gone");
  });

  await t.test("and by nobody else", async () => {
    for (const author of ["sam@plain.example", "sam@foreign.example"]) {
      const content = from(author, forwarded(sample("127.9.8.4")));
      assert.match(
        await here.strangerSends({ from: author, to: TO, content }),
        /^550 5\.7\.1 hosts are reported by users/,
      );
    }
    const forged = forwarded(sample("127.9.8.4"));
    assert.match(
      await here.strangerSends({ from: "sam@plain.example", to: TO, content: forged }),
      /^550 5\.7\.1 /,
    );
    here.zone.broken("_dmarc.broken.example");
    const content = from("sam@broken.example", forwarded(sample("127.9.8.4")));
    assert.match(
      await here.strangerSends({ from: "sam@broken.example", to: TO, content }),
      /^451 4\.4\.3 /,
    );
    assert.equal(store.suspects.find("127.9.8.4"), undefined);
  });

  await t.test("what names no host goes to the postmaster as it came", async () => {
    const mail = from(BOB, forwarded(sample("127.0.0.1").replace("198.18.0.1", "127.0.0.1")));
    idIn(await here.bobSends({ to: TO, content: mail }));
    assert.match(await here.arrived(USER), /Subject: Fwd: an offer\r\n[^]*an offer/);
  });

  await t.test("a trap that is no mailbox is no trap, and the server says so", async () => {
    await assert.rejects(
      here.reload(`suspects.traps=["${TRAP}"]`),
      /suspects\.traps\.0: there is no mailbox trap@local\.example/,
    );
    const set = here.settings.flatMap((setting) => ["--set", setting]);
    const check = await run(GATEPOST, ["check", "--config", here.site.file, ...set]);
    assert.equal(check.code, 1);
    assert.match(check.stderr, /suspects\.traps\.0: there is no mailbox/);
  });

  await t.test("by a trap, of whoever brings mail for it, also by an alias", async () => {
    await here.change((to) => to.mailboxes.add(TRAP, "nobody's"));
    await here.change((to) => to.aliases.set("sales@local.example", [TRAP, USER], "add"));
    await here.reload();
    const letter = { from: "spam@foreign.example", to: TRAP };
    idIn(await here.strangerSends(letter, { address: "127.9.8.5" }));
    assert.deepEqual(of(await reported("127.9.8.5")), ["trap", TRAP, "sample", "x"]);
    idIn(
      await here.strangerSends({ ...letter, to: "sales@local.example" }, { address: "127.9.8.6" }),
    );
    assert.deepEqual(of(await reported("127.9.8.6")), ["trap", TRAP, "sample", "x"]);
    await here.arrived(USER);
  });

  await t.test(
    "but not of our own people, of reports that come back, and of this machine",
    async () => {
      idIn(await here.bobSends({ to: TRAP }));
      idIn(await here.strangerSends({ from: "", to: TRAP }, { address: "127.9.8.7" }));
      idIn(await here.strangerSends({ from: "spam@foreign.example", to: TRAP }));
      idIn(
        await here.strangerSends(
          { from: "spam@foreign.example", to: TRAP },
          { address: "127.9.8.8" },
        ),
      );
      await reported("127.9.8.8");
      const hosts = (await store.suspects.list({ limit: 99 })).map(({ ip }) => ip);
      assert.deepEqual(
        hosts,
        ["1", "2", "3", "5", "6", "8"].map((last) => `127.9.8.${last}`),
      );
    },
  );
});
