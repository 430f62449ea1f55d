/**
 * Postfix, Exim and openssl, with a certificate and without, at a port that asks for one. The authority is one that the machine trusts, which
 * Node is told of in its environment. Mail comes in all the same; the journal says who it was.
 */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { issue, SERVER, type Issued } from "../support/chains.ts";
import { startExim } from "./support/exim.ts";
import { takeMessages } from "./support/mailbox.ts";
import { KIB, makeMessage, unixLines } from "./support/messages.ts";
import { startPostfix } from "./support/postfix.ts";
import { run } from "./support/programs.ts";
import { freePortBase, startSite, temporaryDirectory, USER, type Site } from "./support/site.ts";
import { eventually } from "./support/waiting.ts";

const ROOT = issue({ ca: true, subject: "Test Root" });
const MIDDLE = issue({ ca: true, subject: "Test Intermediate", by: ROOT });
/** As public authorities issue them since 2026: for servers alone. */
const HONEST = issue({ by: MIDDLE, purposes: [SERVER] });
const STRANGER = issue({ purposes: [SERVER] });

const NOTHING = /^tls {6}TLSv1\.3 (?:(?!caller).)*$/ms;
const WHO = {
  honest:
    /^caller   no peer; a public authority vouches for its names\n {11}certificate for mx\.peer\.example, sha256 /m,
  stranger: /^caller   no peer: it is signed by itself alone/m,
  nothing: NOTHING,
} as const;

function keyPem({ keys }: Issued): string {
  return keys.privateKey.export({ type: "pkcs8", format: "pem" });
}

/** Own certificate, its authority and its key, as Postfix and Exim take them in one file. */
const SHOWN = {
  honest: `${keyPem(HONEST)}${HONEST.pem}${MIDDLE.pem}`,
  stranger: `${keyPem(STRANGER)}${STRANGER.pem}`,
  nothing: undefined,
} as const;

const CASES = ["honest", "stranger", "nothing"] as const;

describe("clients that are asked for a certificate", () => {
  const directory = temporaryDirectory();
  let site: Site;
  before(async () => {
    const extra = join(directory, "root.pem");
    writeFileSync(extra, ROOT.pem);
    process.env["NODE_EXTRA_CA_CERTS"] = extra;
    const asks = 'listen.smtp=[{ address = "127.0.0.1", client_certificate = "ask" }]';
    site = await startSite({ settings: [asks] });
  });
  after(() => site.stop());

  /** The file with what is shown. */
  function file(which: (typeof CASES)[number]): string | undefined {
    const text = SHOWN[which];
    if (text === undefined) return undefined;
    const path = join(directory, `${which}.pem`);
    writeFileSync(path, text);
    return path;
  }

  /** The SMTP session that came last, as `explain` tells it. */
  async function lastSession(): Promise<string> {
    const { stdout } = await site.gatepost("explain", "127.0.0.1");
    const line =
      stdout
        .toString()
        .split("\n")
        .find((text) => / {2}smtp {2}/.test(text)) ?? "";
    const [, , id = ""] = line.split(/ +/);
    const { code, stdout: text, said } = await site.gatepost("explain", id);
    assert.equal(code, 0, said);
    return text.toString();
  }

  async function arrives(log: () => string): Promise<void> {
    const taken = await eventually(
      async () => {
        const messages = await takeMessages(site);
        return messages.length === 0 ? undefined : messages;
      },
      () => `${log()}\n${site.log()}`,
    );
    assert.equal(taken.length, 1);
  }

  const message = unixLines(makeMessage("certificates", { bytes: KIB }));

  for (const which of CASES) {
    test(`Postfix, ${which}`, async () => {
      const shown = file(which);
      const postfix = await startPostfix(
        site.ports.smtp,
        shown === undefined ? "" : `smtp_tls_chain_files = ${shown}\n`,
      );
      try {
        await postfix.submit(message, "sender@remote.example", USER);
        await arrives(() => postfix.log());
        assert.match(await lastSession(), WHO[which]);
      } finally {
        await postfix.stop();
      }
    });

    test(`Exim, ${which}`, async () => {
      const place = { port: (await freePortBase()) + 1, gatepost: site.ports.smtp, user: USER };
      const exim = await startExim(place, SHOWN[which]);
      try {
        await exim.submit(message, "sender@remote.example", USER);
        await arrives(() => exim.log());
        assert.match(await lastSession(), WHO[which]);
      } finally {
        await exim.stop();
      }
    });

    test(`openssl, ${which}`, async () => {
      const shown = file(which);
      const own = shown === undefined ? [] : ["-cert", shown, "-key", shown, "-cert_chain", shown];
      const to = ["-connect", `127.0.0.1:${site.ports.smtp}`, "-starttls", "smtp"];
      const args = ["s_client", "-quiet", "-crlf", "-ign_eof", ...to, ...own];
      const { stdout, said } = await run("openssl", args, { input: "EHLO a.example\nQUIT\n" });
      assert.match(stdout.toString(), /^221 /m, said);
      const text = await eventually(
        async () => {
          const found = await lastSession();
          return found.includes("a.example") ? found : undefined;
        },
        () => site.log(),
      );
      assert.match(text, WHO[which]);
    });
  }
});
