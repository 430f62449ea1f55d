/**
 * Programs that log in by a certificate (SASL EXTERNAL), with what `gatepost mailbox certificate invite` has made: each sends as its mailbox, and neither with a
 * forged certificate nor once its own is taken back.
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { makeSelfSigned } from "../../src/net/index.ts";
import { startInvitedExim } from "./support/invited.ts";
import { takeMessages } from "./support/mailbox.ts";
import { run, type Run } from "./support/programs.ts";
import { startSite, temporaryDirectory, USER, type Site } from "./support/site.ts";
import { eventually } from "./support/waiting.ts";

const ASKING = ["submission", "submissions"].map(
  (service) => `listen.${service}=[{ address = "127.0.0.1", client_certificate = "ask" }]`,
);
const UNMAPPED = /535 5\.7\.8 this certificate is none/;

interface Shown {
  readonly certificate: string;
  readonly key: string;
}

describe("a login by a certificate", () => {
  const directory = temporaryDirectory();
  const own = join(directory, "laptop");
  const laptop = { certificate: join(own, "laptop.pem"), key: join(own, "laptop-key.pem") };
  const forged = { certificate: join(directory, "f.pem"), key: join(directory, "f-key.pem") };
  const letter = join(directory, "letter");
  let site: Site;
  before(async () => {
    site = await startSite({ settings: ASKING });
    const name = ["--name", "laptop", "--out", own];
    const { code, said } = await site.gatepost("mailbox", "certificate", "invite", USER, ...name);
    assert.equal(code, 0, said);
    const pair = await makeSelfSigned(USER, Date.now());
    writeFileSync(forged.certificate, pair.certificate);
    writeFileSync(forged.key, pair.key);
    writeFileSync(letter, text("curl").replaceAll("\n", "\r\n"));
  });
  after(() => site.stop());

  function text(subject: string): string {
    return `From: <${USER}>\nSubject: ${subject}\n\ntext\n`;
  }

  async function arrives(subject: string, log = (): string => ""): Promise<void> {
    const [message = ""] = await eventually(
      async () => {
        const there = await takeMessages(site);
        return there.length === 0 ? undefined : there.map(String);
      },
      () => `${log()}\n${site.log()}`,
    );
    assert.match(message, new RegExp(`^Subject: ${subject}\\r$`, "m"));
    assert.match(message, /\bwith ESMTPSA\b/);
  }

  /** By the settings that were printed; only where the files and the server are is the test's. */
  function msmtp({ certificate, key }: Shown): Promise<Run> {
    const printed = readFileSync(join(own, "settings.txt"), "utf8");
    const account = /^account laptop\n(?:\S.*\n)+/m.exec(printed)?.[0] ?? assert.fail(printed);
    const settings = account
      .replace(/^host .*/m, "host 127.0.0.1")
      .replace(/^port .*/m, `port ${site.ports.submissions}`)
      .replace(/^tls_cert_file .*/m, `tls_cert_file ${certificate}`)
      .replace(/^tls_key_file .*/m, `tls_key_file ${key}`);
    const file = join(directory, "msmtprc");
    writeFileSync(file, settings, { mode: 0o600 });
    return run("msmtp", ["-C", file, "-a", "laptop", "--", USER], { input: text("msmtp") });
  }

  function gsasl({ certificate, key }: Shown, identity: string): Promise<Run> {
    const server = ["--smtp", "--connect", `127.0.0.1:${site.ports.submission}`];
    const tls = ["--x509-ca-file=", "--x509-cert-file", certificate, "--x509-key-file", key];
    const login = ["--mechanism", "EXTERNAL", "--authorization-id", identity];
    return run("gsasl", [...server, ...tls, ...login]);
  }

  function curl({ certificate, key }: Shown): Promise<Run> {
    const server = [`smtp://127.0.0.1:${site.ports.submission}`, "--ssl-reqd", "--insecure"];
    const login = ["--login-options", "AUTH=EXTERNAL", "--user", `${USER}:`];
    const envelope = ["--mail-from", USER, "--mail-rcpt", USER, "--upload-file", letter];
    const shown = ["--cert", certificate, "--key", key, "--max-time", "50"];
    return run("curl", ["--silent", "--show-error", ...server, ...shown, ...login, ...envelope]);
  }

  function openssl(lines: readonly string[], ...more: readonly string[]): Promise<Run> {
    const to = ["-connect", `127.0.0.1:${site.ports.submission}`, "-starttls", "smtp"];
    const args = ["s_client", "-crlf", "-ign_eof", ...to, ...more];
    return run("openssl", args, { input: [...lines, "QUIT", ""].join("\n") });
  }

  function shows({ certificate, key }: Shown): readonly string[] {
    return ["-cert", certificate, "-key", key];
  }

  test("msmtp, as it was told", async () => {
    const sent = await msmtp(laptop);
    assert.equal(sent.code, 0, sent.said);
    await arrives("msmtp");
    assert.match((await msmtp(forged)).said, /does not support authentication method EXTERNAL/);
    const { said } = await site.gatepost("explain", USER);
    const [id = ""] = /\b[0-9a-z]{12}\b(?= +smtp)/.exec(said) ?? [];
    assert.match(
      (await site.gatepost("explain", id)).said,
      /login user@local\.example by EXTERNAL with the certificate laptop: ok/,
    );
  });

  test("Exim, as it was told", async () => {
    const exim = await startInvitedExim(own, "laptop");
    await exim.submit(text("exim"), USER, USER);
    await arrives("exim", () => exim.log());
    assert.match(exim.log(), / A=gatepost /);
  });

  test("curl", async () => {
    const { code, said } = await curl(laptop);
    assert.equal(code, 0, said);
    await arrives("curl");
    assert.notEqual((await curl(forged)).code, 0);
  });

  test("gsasl, as itself and as nobody else", async () => {
    const { code, said } = await gsasl(laptop, USER);
    assert.equal(code, 0, said);
    assert.match(said, /^235 2\.7\.0 /m);
    assert.match((await gsasl(laptop, "postmaster@local.example")).said, /^535 5\.7\.8 you can/m);
  });

  test("openssl: a forged certificate, or none, or one of an earlier session is nobody's", async () => {
    const login = ["EHLO a.example", "AUTH EXTERNAL ="];
    assert.match((await openssl(login, "-quiet", ...shows(laptop))).said, /^235 /m);
    const lies = await openssl(login, "-quiet", ...shows(forged));
    assert.doesNotMatch(lies.said, /^250-AUTH .*EXTERNAL/m);
    assert.match(lies.said, UNMAPPED);
    assert.match((await openssl(login, "-quiet")).said, /^504 /m);
    const kept = join(directory, "session");
    for (const version of ["-tls1_2", "-tls1_3"]) {
      await openssl(["EHLO a.example"], version, "-sess_out", kept, ...shows(laptop));
      const again = await openssl(login, version, "-sess_in", kept);
      assert.match(again.said, /^New, TLSv1/m, "not resumed");
      assert.match(again.said, /^504 /m);
    }
  });

  test("a certificate that was taken back lets nobody in", async () => {
    const name = ["--name", "laptop"];
    const removed = await site.gatepost("mailbox", "certificate", "remove", USER, ...name);
    assert.equal(removed.code, 0, removed.said);
    assert.match(
      (await openssl(["EHLO a.example", "AUTH EXTERNAL ="], "-quiet", ...shows(laptop))).said,
      UNMAPPED,
    );
    assert.notEqual((await msmtp(laptop)).code, 0);
    assert.notEqual((await curl(laptop)).code, 0);
  });
});
