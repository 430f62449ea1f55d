/** `gatepost sendmail` and our own submission ports: from a program's standard input to a mailbox, and to the queue. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { takeMessage } from "./support/mailbox.ts";
import { run, type Run } from "./support/programs.ts";
import {
  GATEPOST,
  PASSWORD,
  startSite,
  temporaryDirectory,
  USER,
  type Site,
} from "./support/site.ts";
import { eventually } from "./support/waiting.ts";

/** Nobody answers there: what leaves waits in the queue, and no name is asked of anybody. */
const NO_DNS = { settings: ['dns.servers=["127.0.0.1:9"]'] };

interface QueuedRow {
  readonly recipient: string;
  readonly message: string;
}

async function queued(site: Site): Promise<readonly QueuedRow[]> {
  const list = await site.gatepost("queue", "list", "--login", USER, "--json");
  return JSON.parse(list.stdout.toString()) as readonly QueuedRow[];
}

describe("sendmail to our own server", () => {
  let site: Site;
  before(async () => {
    site = await startSite(NO_DNS);
  });
  after(() => site.stop());

  for (const [tls, port] of [
    ["starttls", "submission"],
    ["implicit", "submissions"],
  ] as const) {
    const env = { GATEPOST_LOGIN_FILE: join(temporaryDirectory(), "login.toml") };
    const sendmail = (args: readonly string[], input: string): Promise<Run> =>
      run(GATEPOST, ["sendmail", ...args], { input, env, timeLimit: 20_000 });

    test(`by ${tls}: to a mailbox, completed by the server`, async () => {
      const server = ["--host", "localhost", "--port", String(site.ports[port]), "--tls", tls];
      const made = await sendmail(
        ["--init", ...server, "--user", USER, "--password-stdin"],
        PASSWORD,
      );
      assert.equal(made.code, 0, made.said);
      const { code, said } = await sendmail(["-i", "user"], "From: root (Cron Daemon)\n\nok\n");
      assert.equal(code, 0, said);
      const message = (await takeMessage(site)).toString();
      assert.match(message, /^From: "root \(Cron Daemon\)"\r\n <user@local\.example>\r\n/m);
      assert.match(message, /^Message-ID: </m);
      assert.match(message, /\bwith ESMTPSA /);
    });

    test(`by ${tls}: abroad, through the queue, which its commands show and empty`, async () => {
      const { code, said } = await sendmail(["-t"], "To: bob@foreign.example\n\nhello\n");
      assert.equal(code, 0, said);
      const [row] = await queued(site);
      assert.equal(row?.recipient, "bob@foreign.example");
      const removed = await site.gatepost("queue", "remove", row.message, "--yes");
      assert.equal(removed.code, 0, removed.said);
      // What is under way is removed when its attempt has ended.
      await eventually(
        async () => ((await queued(site)).length === 0 ? true : undefined),
        () => "what was removed is still in the queue",
      );
    });

    test(`by ${tls}: in another's name, which is refused`, async () => {
      const forged = await sendmail([USER], "From: eve@elsewhere.example\n\nx\n");
      assert.equal(forged.code, 77, forged.said);
      assert.match(forged.stderr, /550 5\.7\.1 .*eve@elsewhere\.example/);
    });
  }
});
