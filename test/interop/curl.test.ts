/** curl as sender and as reader, with every size and kind of content, in clear text and under TLS. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { ABROAD, Abroad } from "./support/abroad.ts";
import { assertArrived } from "./support/arrival.ts";
import { takeMessage } from "./support/mailbox.ts";
import { KIB, makeMessage, MIB, unixLines, type Content } from "./support/messages.ts";
import { run, type Run } from "./support/programs.ts";
import { PASSWORD, startSite, USER, type Site } from "./support/site.ts";

/** No progress bar, but errors; and never longer than 50 seconds. */
const QUIET = ["--silent", "--show-error", "--max-time", "50"];

describe("curl", () => {
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

  function send(message: Buffer, ...more: string[]): Promise<Run> {
    const file = join(site.directory, "curl.eml");
    writeFileSync(file, message);
    const url = `smtp://127.0.0.1:${site.ports.smtp}/client.example`;
    const envelope = ["--mail-from", "sender@remote.example", "--mail-rcpt", USER];
    return run("curl", [...QUIET, url, ...envelope, "--upload-file", file, ...more]);
  }

  async function sendWell(message: Buffer, ...more: string[]): Promise<void> {
    const { code, said } = await send(message, ...more);
    assert.equal(code, 0, said);
  }

  const SIZES: readonly [string, number][] = [
    ["1 KiB", KIB],
    ["64 KiB", 64 * KIB],
    ["300 KiB", 300 * KIB],
    ["5 MiB", 5 * MIB],
    ["20 MiB", 20 * MIB],
  ];
  const CONTENTS: readonly Content[] = ["ascii", "8-bit", "utf-8"];
  for (const [size, bytes] of SIZES) {
    for (const content of CONTENTS) {
      test(`delivers ${size} of ${content}`, async () => {
        const message = makeMessage(`curl ${size} ${content}`, { bytes, content });
        await sendWell(message);
        assertArrived(await takeMessage(site), message);
      });
    }
  }

  for (const [size, bytes] of SIZES) {
    test(`delivers ${size} after STARTTLS`, async () => {
      const message = makeMessage(`curl STARTTLS ${size}`, { bytes, content: "8-bit" });
      await sendWell(message, "--ssl-reqd", "--insecure");
      assert.match(assertArrived(await takeMessage(site), message), /\bwith ESMTPS\b/);
    });
  }

  for (const method of ["PLAIN", "LOGIN"]) {
    test(`submits with a login by ${method}, after STARTTLS and over TLS`, async () => {
      for (const url of [
        `smtp://127.0.0.1:${site.ports.submission}`,
        `smtps://127.0.0.1:${site.ports.submissions}`,
      ]) {
        const message = makeMessage(`curl ${method} ${url}`, { from: USER, bytes: 64 * KIB });
        const file = join(site.directory, "curl.eml");
        writeFileSync(file, message);
        const recipients = ["--mail-rcpt", USER, "--mail-rcpt", ABROAD];
        const envelope = ["--mail-from", USER, ...recipients, "--upload-file", file];
        const login = ["--user", `${USER}:${PASSWORD}`, "--login-options", `AUTH=${method}`];
        const tls = ["--ssl-reqd", "--insecure"];
        const { code, said } = await run("curl", [...QUIET, url, ...envelope, ...login, ...tls]);
        assert.equal(code, 0, said);
        assert.match(assertArrived(await takeMessage(site), message), /\bwith ESMTPSA\b/);
        await abroad.gets(message);
      }
    });
  }

  test("delivers a file with Unix line ends (--crlf)", async () => {
    const message = makeMessage("curl crlf", { bytes: 300 * KIB });
    await sendWell(unixLines(message), "--crlf");
    assertArrived(await takeMessage(site), message);
  });

  test("is refused relaying", async () => {
    const message = makeMessage("curl relay", { bytes: KIB });
    const { code, said } = await send(
      message,
      "--mail-rcpt",
      "victim@elsewhere.example",
      "--verbose",
    );
    assert.notEqual(code, 0, said);
    assert.match(said, /550 5\.7\.1 /);
  });

  const READERS: readonly [string, (site: Site) => string[]][] = [
    ["pop3:", ({ ports }) => [`pop3://127.0.0.1:${ports.pop3}/1`]],
    [
      "pop3: after STLS",
      ({ ports }) => [`pop3://127.0.0.1:${ports.pop3}/1`, "--ssl-reqd", "--insecure"],
    ],
    ["pop3s:", ({ ports }) => [`pop3s://127.0.0.1:${ports.pop3s}/1`, "--insecure"]],
  ];
  for (const [title, args] of READERS) {
    for (const [size, bytes] of SIZES) {
      test(`fetches ${size} by ${title}`, async () => {
        const message = makeMessage(`curl ${title} ${size}`, { bytes, content: "utf-8" });
        await sendWell(message);
        const fetched = await run("curl", [
          ...QUIET,
          "--user",
          `${USER}:${PASSWORD}`,
          ...args(site),
        ]);
        assert.equal(fetched.code, 0, fetched.stderr);
        assertArrived(fetched.stdout, message);
        assert.deepEqual(await takeMessage(site), fetched.stdout);
      });
    }
  }

  test("lists, and is refused a wrong password", async () => {
    const url = `pop3://127.0.0.1:${site.ports.pop3}/`;
    const listed = await run("curl", [...QUIET, "--user", `${USER}:${PASSWORD}`, url]);
    assert.equal(listed.code, 0, listed.said);
    const refused = await run("curl", [...QUIET, "--verbose", "--user", `${USER}:wrong`, url]);
    assert.equal(refused.code, 67, refused.said); // curl: login denied
    assert.match(refused.said, /-ERR \[AUTH\]/);
  });
});
