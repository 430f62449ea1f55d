/**
 * `gatepost sendmail` as other programs call it: by the name of sendmail, through a symbolic link, with the options that
 * cron, PHP and mail programs have, and with their exit codes.
 */
import assert from "node:assert/strict";
import { chmodSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import { LOGIN, SubmissionServer } from "../support/submission-server.ts";
import { run, type Run } from "./support/programs.ts";
import { GATEPOST, temporaryDirectory } from "./support/site.ts";

const MESSAGE = "To: bob@example.net\nBcc: secret@example.net\nSubject: hello\n\nfirst\n.\nlast\n";

describe("sendmail", () => {
  const place = temporaryDirectory();
  const program = join(place, "sendmail");
  const loginFile = join(place, "login.toml");
  let server: SubmissionServer;

  before(async () => {
    symlinkSync(GATEPOST, program);
    server = await SubmissionServer.start({
      tls: "starttls",
      recipients: {
        "nobody@example.net": "550 5.1.1 no such user",
        "later@example.net": "451 4.3.0 later",
        "not-yours@example.net": "550 5.7.1 not with this login",
      },
    });
    const { user, password } = LOGIN;
    const lines = [
      `host = "127.0.0.1"`,
      `port = ${server.port}`,
      `user = "${user}"`,
      `password = "${password}"`,
    ];
    writeFileSync(loginFile, lines.join("\n"), { mode: 0o600 });
  });
  after(() => server.stop());
  beforeEach(() => server.submitted.splice(0));

  const env = { GATEPOST_LOGIN_FILE: loginFile };

  function sendmail(args: readonly string[], input = MESSAGE): Promise<Run> {
    return run(program, args, { input, env, timeLimit: 20_000 });
  }

  /** The one message that came, its recipients first. */
  function submitted(): { readonly recipients: string; readonly content: string } {
    assert.equal(server.submitted.length, 1);
    const [{ commands, content } = assert.fail()] = server.submitted;
    const recipients = commands.flatMap((line) => /^RCPT TO:<([^>]*)>/.exec(line)?.[1] ?? []);
    return { recipients: recipients.join(" "), content };
  }

  test("as PHP calls it: sendmail -t -i, through sh", async () => {
    const { code, said } = await run("sh", ["-c", `${program} -t -i`], { input: MESSAGE, env });
    assert.equal(code, 0, said);
    assert.equal(said, "exit 0\n");
    assert.deepEqual(submitted(), {
      recipients: "bob@example.net secret@example.net",
      content:
        "From: ann@example.org\r\nTo: bob@example.net\r\nSubject: hello\r\n\r\nfirst\r\n.\r\nlast\r\n",
    });
  });

  test("as cron calls it: for a user of this machine, who has no domain", async () => {
    const mail =
      "From: root (Cron Daemon)\nTo: root\nSubject: Cron <root@host> true\nAuto-Submitted: auto-generated\n\nok\n";
    const { code, said } = await sendmail(
      ["-FCronDaemon", "-i", "-B8BITMIME", "-oem", "root"],
      mail,
    );
    assert.equal(code, 0, said);
    const { recipients, content } = submitted();
    assert.equal(recipients, "root@example.org");
    assert.match(content, /^From: "CronDaemon"\r\n <ann@example\.org>\r\nTo: root\r\n/);
  });

  test("as s-nail calls it", async () => {
    const args = [
      "-n",
      "-S",
      `mta=${program}`,
      "-S",
      "v15-compat",
      "-s",
      "from a mail program",
      "bob@example.net",
    ];
    const { code, said } = await run("s-nail", args, {
      input: "The text.\n",
      env: { ...env, MAILRC: "/dev/null" },
    });
    assert.equal(code, 0, said);
    const { recipients, content } = submitted();
    assert.equal(recipients, "bob@example.net");
    assert.match(content, /^Subject: from a mail program\r\n[^]*\r\n\r\nThe text\.\r\n$/m);
  });

  test("a dot ends what is typed, and -v says what was answered", async () => {
    const { code, stdout, said } = await sendmail(["-v", "bob@example.net"]);
    assert.equal(code, 0, said);
    assert.equal(stdout.toString(), "bob@example.net: 250 2.0.0 accepted\n");
    assert.match(submitted().content, /\r\n\r\nfirst\r\n$/);
  });

  const ENDS: readonly (readonly [string, readonly string[], number, RegExp])[] = [
    [
      "an unknown recipient",
      ["nobody@example.net"],
      67,
      /nobody@example\.net: 550 5\.1\.1 no such user/,
    ],
    [
      "a refusal for want of rights",
      ["not-yours@example.net"],
      77,
      /550 5\.7\.1 not with this login/,
    ],
    ["a deferral", ["later@example.net"], 75, /451 4\.3\.0 later/],
    ["no recipient", [], 64, /who is to get it/],
    ["an unknown option", ["-z"], 64, /no option -z/],
    ["a wish for the queue", ["-q"], 64, /gatepost queue list/],
    [
      "a list that cannot be read",
      ["-t", "-f", "ann@example.org", "bob@"],
      64,
      /"bob@" cannot be used/,
    ],
    ["no login", ["--login-file", "/nowhere", "bob@example.net"], 78, /sendmail --init/],
  ];
  for (const [what, args, code, form] of ENDS)
    test(`${what} ends with ${code}, and in words`, async () => {
      const result = await sendmail(args);
      assert.equal(result.code, code, result.said);
      assert.match(result.stderr, form);
      assert.match(result.stderr, /^sendmail: [^\n]+\n$/);
    });

  test("a login that others can read is not used", async () => {
    chmodSync(loginFile, 0o644);
    const { code, stderr } = await sendmail(["bob@example.net"]);
    chmodSync(loginFile, 0o600);
    assert.equal(code, 78);
    assert.equal(
      stderr,
      `sendmail: ${loginFile} is open to others; mend it with: chmod 600 ${loginFile}\n`,
    );
    assert.deepEqual(server.submitted, []);
  });

  test("--init writes a login, which is then found in its usual place", async () => {
    const home = temporaryDirectory();
    const atHome = { HOME: home, GATEPOST_LOGIN_FILE: "" };
    const args = [
      "--init",
      "--host",
      "127.0.0.1",
      "--port",
      String(server.port),
      "--user",
      LOGIN.user,
    ];
    const made = await run(program, [...args, "--password-stdin"], {
      input: `${LOGIN.password}\n`,
      env: atHome,
    });
    assert.equal(made.code, 0, made.said);
    assert.equal(statSync(join(home, ".config/gatepost/sendmail.toml")).mode & 0o777, 0o600);
    const sent = await run(program, ["bob@example.net"], { input: MESSAGE, env: atHome });
    assert.equal(sent.code, 0, sent.said);
    assert.equal(submitted().recipients, "bob@example.net");
  });

  test("mailq, by its own name, lists the queue of a site", async () => {
    const mailq = join(temporaryDirectory(), "mailq");
    symlinkSync(GATEPOST, mailq);
    const { code, stderr } = await run(mailq, ["--config", "/nowhere/gatepost.toml"]);
    assert.equal(code, 1);
    assert.match(stderr, /\/nowhere\/gatepost\.toml/);
  });
});
