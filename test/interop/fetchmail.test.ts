/** fetchmail, which hands each message to a delivery agent: here one that writes a file. */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { assertArrived } from "./support/arrival.ts";
import { takeMessages } from "./support/mailbox.ts";
import { KIB, makeMessage, MIB, networkLines } from "./support/messages.ts";
import { run, type Run } from "./support/programs.ts";
import { send } from "./support/sender.ts";
import { PASSWORD, startSite, temporaryDirectory, USER, type Site } from "./support/site.ts";

describe("fetchmail", () => {
  let site: Site;
  before(async () => {
    site = await startSite();
  });
  after(() => site.stop());

  const WAYS = [
    { title: "in clear text", port: "pop3", tls: "sslproto ''" },
    { title: "after STLS", port: "pop3", tls: "sslproto 'tls1.2+'" },
    { title: "by POP3S", port: "pop3s", tls: "ssl" },
  ] as const;
  for (const { title, port, tls } of WAYS) {
    test(`fetches and deletes ${title}`, async () => {
      for (const bytes of [KIB, 300 * KIB, 5 * MIB]) {
        const message = makeMessage(`fetchmail ${title} ${bytes}`, { bytes, content: "8-bit" });
        await send(site, message);
        const { home, fetched } = await fetchmail(site.ports[port], tls);
        assert.equal(fetched.code, 0, fetched.said);
        const [file = "nothing was delivered"] = readdirSync(join(home, "mail"));
        assertArrived(networkLines(readFileSync(join(home, "mail", file))), message);
        assert.deepEqual(await takeMessages(site), []);
      }
    });
  }
});

/** Polls once, with a home of its own. */
async function fetchmail(port: number, tls: string): Promise<{ home: string; fetched: Run }> {
  const home = temporaryDirectory();
  mkdirSync(join(home, "mail"));
  const rules = [
    "set no bouncemail",
    "set invisible", // no Received field of its own
    `poll 127.0.0.1 service ${port} protocol pop3 auth password`,
    `  user "${USER}" password "${PASSWORD}" fetchall no rewrite ${tls} no sslcertck`,
    `  mda "cat > ${home}/mail/$$"`,
  ];
  const file = join(home, "fetchmailrc");
  writeFileSync(file, `${rules.join("\n")}\n`, { mode: 0o600 });
  const env = { HOME: home, FETCHMAILHOME: home };
  const fetched = await run("fetchmail", ["--nodetach", "--fetchmailrc", file], { env });
  return { home, fetched };
}
