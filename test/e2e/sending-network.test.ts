/** A trusted network: loopback, accepted by its name, sends without a login, and is held when it speaks for the whole world. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { idIn } from "./letter.ts";
import { BOB, SendingSite } from "./sending-site.ts";

const TRUSTED =
  'relay.networks=[{ network = "127.0.0.1", reason = "the web application", accepts = ["this-machine"] }]';

test("a trusted network", async (t) => {
  const site = await SendingSite.start(t, {
    settings: () => [TRUSTED, "relay.foreign_spread=4"],
  });
  const { remote, zone } = site;
  zone.mx("other.example", "10 mx.foreign.example").mx("third.example", "10 mx.foreign.example");
  const to = "eve@foreign.example";

  await t.test("sends without a login, and what it hands in is completed", async () => {
    const content = `From: <${BOB}>\r\nBcc: <mel@foreign.example>\r\n\r\ntext`;
    const id = idIn(await site.strangerSends({ from: BOB, to, content }));
    await site.settled();
    const message = remote.messages.at(-1) ?? "";
    assert.match(message, new RegExp(`^Message-ID: <${id}@mx\\.local\\.example>\r$`, "m"));
    assert.doesNotMatch(message, /^Bcc:/m);
    assert.match(await site.explain(id), /client=trusted network .*network=127\.0\.0\.1\/32/);
  });

  await t.test("and hears of failures where its sender has a mailbox here", async () => {
    remote.script = {
      answer: (command) => (command.startsWith("RCPT") ? "550 5.1.1 no Eve" : undefined),
    };
    idIn(await site.strangerSends({ from: BOB, to }));
    assert.match(await site.arrived(BOB), /^ +550 5\.1\.1 no Eve\r$/m);
    const id = idIn(await site.strangerSends({ from: "web@elsewhere.example", to }));
    await site.settled();
    assert.match(await site.explain(id), /not reported: /);
    assert.deepEqual(await site.queue(), []);
    remote.script = {};
  });

  await t.test("own senders may write to the whole world", async () => {
    for (const domain of ["foreign.example", "other.example", "third.example"])
      idIn(await site.strangerSends({ from: BOB, to: `eve@${domain}` }));
    await site.settled();
  });

  await t.test("many strangers' names to many places are held", async () => {
    // Two foreign domains of senders, by now with three places sent to: more than four.
    const held = await site.strangerSends({ from: "sam@strange.example", to });
    assert.match(
      held,
      /^450 4\.7\.1 mail from your address is held for 60 more minutes: 2 foreign sender domains and 3 recipient domains within an hour/,
    );
    assert.match(await site.strangerSends({ from: BOB, to }), /^450 4\.7\.1 /);
    assert.match(await site.bobSends({ to }), /^250 /);
    assert.match(await site.strangerSends({ from: "sam@strange.example", to: BOB }), /^250 /);
    await site.settled();
    await site.fetch(BOB);
  });

  await t.test("trust that is taken back by a reload ends what waits on its strength", async () => {
    remote.script = {
      answer: (command) => (command.startsWith("RCPT") ? "451 4.3.0 later" : undefined),
    };
    await site.reload("relay.foreign_spread=1000"); // which begins to count anew
    idIn(await site.strangerSends({ from: BOB, to }));
    await site.deferred();
    await site.reload("relay.networks=[]");
    const asked = remote.commands.length;
    await site.act("retry");
    assert.match(await site.arrived(BOB), /550 5\.7\.1 [^]*its network is no longer trusted/);
    assert.deepEqual(await site.queue(), []);
    assert.equal(remote.commands.length, asked);
    assert.match(await site.strangerSends({ from: BOB, to }), /^550 5\.7\.1 relaying denied/);
  });
});
