/** Greylisting over sockets and restarts: put off, taken when it comes again, known from then on. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../support/eventually.ts";
import { BOB, SendingSite } from "./sending-site.ts";

const LETTER = { from: "sam@foreign.example", to: BOB };

test("a stranger is put off once, and its network is known from then on", async (t) => {
  const site = await SendingSite.start(t, {
    settings: () => ["greylist.enabled=true", "greylist.delay_seconds=3600"],
  });

  await t.test("the first attempt is 450, and so is one that comes too early", async () => {
    for (let i = 0; i < 2; i++)
      assert.match(
        await site.strangerSends(LETTER),
        /^450 4\.7\.1 greylisted: no mail server of your network 127\.0\.0\.0\/24 is known here yet; send this again in \d+ minutes, and from then on nothing from there has to wait \[[0-9a-z]+\]\r\n$/,
      );
    await eventually("the journal to have it", async () =>
      /refused: 450 4\.7\.1 greylisted/.test(await site.explain(BOB)) ? true : undefined,
    );
  });

  await t.test("our own users, postmaster and the null path are taken", async () => {
    assert.match(await site.bobSends({ to: BOB }), /^250 /);
    assert.match(await site.strangerSends({ ...LETTER, to: "postmaster" }), /^250 /);
    assert.match(await site.strangerSends({ ...LETTER, from: "" }), /^250 /);
  });

  await t.test("an unknown recipient is refused for good at once", async () => {
    assert.match(await site.strangerSends({ ...LETTER, to: "no@local.example" }), /^550 5\.1\.1 /);
  });

  await t.test(
    "when it comes again after the delay, it is taken, and all else at once",
    async () => {
      await site.stop();
      await site.serve("greylist.delay_seconds=1"); // the first attempt is remembered
      await eventually("the delay to be over", async () =>
        (await site.strangerSends(LETTER)).startsWith("250 ") ? true : undefined,
      );
      const other = { from: "eve@other.example", to: "ann@local.example" };
      assert.match(await site.strangerSends(other), /^250 /);
      await site.stop();
      await site.serve("greylist.delay_seconds=3600");
      assert.match(await site.strangerSends({ ...other, from: "mel@third.example" }), /^250 /);
      const [, session = ""] =
        /^\S+ +\S+ +(\S+)/m.exec(
          (await site.explain("mel@third.example")).split("\n\n")[1] ?? "",
        ) ?? [];
      assert.match(
        await site.explain(session),
        /judged on .*greylist=known\n[^]*greylist +passed +network=127\.0\.0\.0\/24 known=true/,
      );
    },
  );
});

test("a client whose address has a name is not asked, where names are enough; another is", async (t) => {
  const site = await SendingSite.start(t, {
    settings: () => ["greylist.enabled=true", "authentication.private_clients=true"],
  });
  assert.match(await site.strangerSends(LETTER), /^450 4\.7\.1 greylisted/);
  await site.stop();
  site.zone.ptr("1.0.0.127.in-addr.arpa", "mx.foreign.example"); // which has the address
  await site.serve();
  assert.match(await site.strangerSends(LETTER), /^250 /);
  await site.stop();
  await site.serve('greylist.below="certificate"');
  assert.match(await site.strangerSends(LETTER), /^450 4\.7\.1 greylisted/);
});
