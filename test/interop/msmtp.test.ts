/** msmtp, the sendmail of people without a mail server. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ABROAD, Abroad } from "./support/abroad.ts";
import { assertArrived } from "./support/arrival.ts";
import { takeMessage } from "./support/mailbox.ts";
import { KIB, makeMessage, MIB, unixLines } from "./support/messages.ts";
import { run, type Run } from "./support/programs.ts";
import { PASSWORD, startSite, USER, type Site } from "./support/site.ts";

/** msmtp is told to add and remove nothing, so that what arrives can be held against what was sent. */
const UNCHANGED = ["from", "date", "msgid"].map((field) => `--set-${field}-header=off`);
const NO_FILE = "--file=/dev/null";

describe("msmtp", () => {
  let site: Site;
  let abroad: Abroad;
  before(async () => {
    abroad = await Abroad.start();
    site = await startSite({ settings: abroad.settings });
  });
  after(async () => {
    await site.stop();
    abroad.stop();
  });

  function msmtp(message: Buffer, to: string | readonly string[], ...more: string[]): Promise<Run> {
    const target = ["--host=127.0.0.1", `--port=${site.ports.smtp}`, "--domain=client.example"];
    const options = [...UNCHANGED, "--remove-bcc-headers=off", "--from=sender@remote.example"];
    const args = [NO_FILE, ...target, ...options, ...more, "--", ...[to].flat()];
    return run("msmtp", args, { input: unixLines(message) });
  }

  const TLS = ["--tls=on", "--tls-starttls=on", "--tls-certcheck=off"];
  const WAYS: readonly [string, string[], string][] = [
    ["in clear text", ["--tls=off"], "ESMTP"],
    ["after STARTTLS", TLS, "ESMTPS"],
  ];
  for (const [title, options, protocol] of WAYS) {
    for (const bytes of [KIB, 300 * KIB, 5 * MIB]) {
      test(`delivers ${bytes / KIB} KiB ${title}`, async () => {
        const message = makeMessage(`msmtp ${title} ${bytes}`, { bytes, content: "8-bit" });
        const { code, said } = await msmtp(message, USER, ...options);
        assert.equal(code, 0, said);
        const trace = assertArrived(await takeMessage(site), message);
        assert.match(trace, new RegExp(`\\bwith ${protocol}\\b`));
      });
    }
  }

  const LOGIN = [`--user=${USER}`, `--from=${USER}`, `--passwordeval=echo '${PASSWORD}'`];
  for (const method of ["plain", "login", "scram-sha-256"]) {
    for (const service of ["submission", "submissions"] as const) {
      test(`submits on the port for ${service} with a login by ${method}`, async () => {
        const message = makeMessage(`msmtp ${service} ${method}`, { from: USER, bytes: KIB });
        const port = `--port=${site.ports[service]}`;
        const starttls = `--tls-starttls=${service === "submission" ? "on" : "off"}`;
        const options = [...TLS, port, starttls, ...LOGIN, `--auth=${method}`];
        const { code, said } = await msmtp(message, [USER, ABROAD], ...options);
        assert.equal(code, 0, said);
        const trace = assertArrived(await takeMessage(site), message);
        assert.match(trace, /\bwith ESMTPSA\b/);
        await abroad.gets(message);
      });
    }
  }

  test("asks for reports, and the next hop hears of it", async () => {
    const message = makeMessage("msmtp reports", { from: USER, bytes: KIB });
    const port = `--port=${site.ports.submission}`;
    const reports = ["--dsn-notify=success,delay", "--dsn-return=headers"];
    const options = [...TLS, port, ...LOGIN, "--auth=plain", ...reports];
    const { code, said } = await msmtp(message, ABROAD, ...options);
    assert.equal(code, 0, said);
    await abroad.gets(message);
    const heard = abroad.commands.slice(-5).join("\n");
    assert.match(heard, new RegExp(`^MAIL FROM:<${USER}> .*RET=HDRS`, "m"));
    assert.match(heard, new RegExp(`^RCPT TO:<${ABROAD}> NOTIFY=SUCCESS,DELAY`, "m"));
  });

  test("is told that its password is wrong, and submits nothing without one", async () => {
    const message = makeMessage("msmtp no login", { bytes: KIB });
    const port = `--port=${site.ports.submission}`;
    const wrong = [`--user=${USER}`, "--passwordeval=echo wrong", "--auth=plain"];
    const refused = await msmtp(message, USER, ...TLS, port, ...wrong);
    assert.match(refused.said, /535 5\.7\.8 /);
    const without = await msmtp(message, USER, ...TLS, port);
    assert.match(without.said, /530 5\.7\.0 /);
  });

  test("is refused relaying, and says why", async () => {
    const message = makeMessage("msmtp relay", { bytes: KIB });
    const { code, said } = await msmtp(message, "victim@elsewhere.example", "--tls=off");
    assert.notEqual(code, 0);
    assert.match(said, /550 5\.7\.1 /);
  });
});
