/**
 * Postfix and Exim as peers: by the settings that were printed for them they are known by their key, relay for their pair, and for
 * nothing else.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { ScriptedServer } from "../support/scripted-server.ts";
import {
  startInvitedExim,
  startInvitedPostfix,
  type Invited,
  type StartInvited,
} from "./support/invited.ts";
import { takeMessages } from "./support/mailbox.ts";
import { startSite, temporaryDirectory, USER, type Site } from "./support/site.ts";
import { eventually } from "./support/waiting.ts";

const JOE = "joe@bravo.example";
const ASKING = 'listen.smtp=[{ address = "127.0.0.1", client_certificate = "ask" }]';

const PROGRAMS: readonly (readonly [string, StartInvited])[] = [
  ["Postfix", startInvitedPostfix],
  ["Exim", startInvitedExim],
];

for (const [name, start] of PROGRAMS)
  describe(`${name} that was invited`, () => {
    test("delivers, relays for its pair, and nothing else", async (t) => {
      const remote = await ScriptedServer.open(t);
      const site = await startSite({
        settings: [ASKING, `routes={ "*" = "smtp://127.0.0.1:${remote.port}" }`],
      });
      t.after(() => site.stop());
      const dir = join(temporaryDirectory(), "bravo");
      const relay = ["--relay", "bravo.example:charlie.example"];
      const { code, said } = await site.gatepost("peer", "invite", "bravo", ...relay, "--out", dir);
      assert.equal(code, 0, said);
      const peer = await start(dir);
      t.after(() => peer.stop());
      const words = () => `${peer.log()}\n${site.log()}`;

      await peer.submit(letter("here"), JOE, USER);
      const [message = ""] = await eventually(async () => {
        const there = await takeMessages(site);
        return there.length === 0 ? undefined : there.map(String);
      }, words);
      assert.match(message, /^Subject: here\r$/m);
      assert.match(await explained(site, message), /the peer bravo, by its key/);

      await peer.submit(letter("abroad"), JOE, "eve@charlie.example");
      await eventually(() => remote.messages.find((one) => one.includes("Subject: abroad")), words);

      await peer.submit(letter("too far"), "mallory@elsewhere.example", "eve@charlie.example");
      await eventually(() => refusal(peer), words);
      assert.ok(!remote.messages.some((one) => one.includes("too far")));

      const shown = await site.gatepost("peer", "show", "bravo");
      assert.match(shown.said, /bravo +pin +pinned +bravo\.example:charlie\.example +2[0-9-]+T/);
      assert.match(shown.said, /which it used last/);
    });
  });

function refusal(peer: Invited): true | undefined {
  return /550 5\.7\.1 relaying denied: peer bravo may not send/.test(peer.log()) || undefined;
}

async function explained(site: Site, message: string): Promise<string> {
  const [, id = ""] = /\bby mx\.local\.example [^]*?\sid (\S+)/.exec(message) ?? [];
  return (await site.gatepost("explain", id)).said;
}

function letter(subject: string): string {
  return `From: <${JOE}>\nSubject: ${subject}\n\ntext\n`;
}
