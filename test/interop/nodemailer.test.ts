/** nodemailer, by which programs written in JavaScript send: with and without a pool, with attachments, DSN and UTF-8 addresses. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { createTransport, type Transporter } from "nodemailer";
import { ABROAD, Abroad } from "./support/abroad.ts";
import { takeMessage, takeMessages } from "./support/mailbox.ts";
import { PASSWORD, startSite, USER, type Site } from "./support/site.ts";

describe("nodemailer", () => {
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

  type Port = "submission" | "submissions";

  /** The certificate is self-signed, and made for the name of the server. */
  function server(port: Port, pass = PASSWORD) {
    return {
      host: "127.0.0.1",
      port: site.ports[port],
      secure: port === "submissions",
      requireTLS: port === "submission",
      tls: { rejectUnauthorized: false },
      auth: { user: USER, pass },
    };
  }

  async function sends(transport: Transporter, message: object): Promise<string> {
    const { response = "" } = await transport.sendMail({ from: USER, to: ABROAD, ...message });
    return response;
  }

  for (const port of ["submission", "submissions"] as const)
    test(`submits on the port for ${port}`, async () => {
      const transport = createTransport(server(port));
      assert.equal(await transport.verify(), true);
      const message = { to: [USER, ABROAD], subject: port, text: "The text.\n.\n..\n" };
      assert.match(await sends(transport, message), /^250 2\.0\.0 accepted as /);
      const here = (await takeMessage(site)).toString();
      const there = (await abroad.arrival()).toString();
      assert.ok(here.endsWith(there), "both get the same, but for Return-Path");
      assert.match(there, /\bwith ESMTPSA\b/);
      assert.match(there, new RegExp(`^Subject: ${port}\r$`, "m"));
      assert.match(there, /\r\n\r\nThe text\.\r\n\.\r\n\.\.\r\n$/);
    });

  test("submits attachments, a file of all octets among them", async () => {
    const octets = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7) % 256));
    await sends(createTransport(server("submission")), {
      subject: "Fotos für Jörg",
      html: "<p>Zahlen</p>",
      attachments: [
        { filename: "octets.bin", content: octets },
        { filename: "Übersicht.txt", content: "eins\nzwei\n" },
      ],
    });
    const message = (await abroad.arrival()).toString();
    const [, encoded = ""] =
      /filename=octets\.bin\r\n\r\n([A-Za-z0-9+/=\r\n]+)\r\n--/.exec(message) ?? [];
    assert.ok(Buffer.from(encoded, "base64").equals(octets), "the attachment has changed");
    assert.match(message, /^Subject: =\?UTF-8\?/m);
  });

  test("asks for reports, and the next hop hears of it", async () => {
    const dsn = {
      ret: "headers",
      id: "QQ=314 +1",
      notify: ["success", "failure"],
      recipient: ABROAD,
    };
    await sends(createTransport(server("submission")), { subject: "dsn", text: "x", dsn });
    await abroad.arrival();
    const said = abroad.commands.slice(-5).join("\n");
    assert.match(
      said,
      new RegExp(`^MAIL FROM:<${USER}> .*RET=HDRS ENVID=QQ\\+3D314\\+20\\+2B1$`, "m"),
    );
    assert.match(
      said,
      new RegExp(`^RCPT TO:<${ABROAD}> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;${ABROAD}$`, "m"),
    );
  });

  test("submits to an address in UTF-8", async () => {
    await sends(createTransport(server("submissions")), { to: "jürg@bücher.example", text: "x" });
    assert.match((await abroad.arrival()).toString(), /\bwith UTF8SMTPSA\b/);
    const said = abroad.commands.slice(-5).join("\n");
    assert.match(said, new RegExp(`^MAIL FROM:<${USER}> .*SMTPUTF8`, "m"));
    assert.match(said, /^RCPT TO:<jürg@(?:bücher|xn--bcher-kva)\.example>/m);
  });

  test("submits many messages over a pool's connections", async () => {
    const pool = createTransport({ ...server("submission"), pool: true, maxConnections: 3 });
    const subjects = Array.from({ length: 60 }, (_, i) => `pool ${i}`);
    await Promise.all(subjects.map((subject) => sends(pool, { to: USER, subject, text: "x" })));
    pool.close();
    const arrived = (await takeMessages(site)).map(
      (message) => /^Subject: (.*)\r$/m.exec(message.toString())?.[1],
    );
    assert.deepEqual(new Set(arrived), new Set(subjects));
    assert.equal(arrived.length, subjects.length);
  });

  test("is told why it may not send", async () => {
    const [right, wrong] = [
      createTransport(server("submission")),
      createTransport(server("submission", "wrong")),
    ];
    await assert.rejects(sends(wrong, { text: "x" }), /535 5\.7\.8 /);
    await assert.rejects(
      sends(right, { from: "boss@local.example", text: "x" }),
      /550 5\.7\.1 .*may not send as/,
    );
    const { auth: _, ...stranger } = server("submission");
    await assert.rejects(sends(createTransport(stranger), { text: "x" }), /530 5\.7\.0 /);
    assert.deepEqual(await takeMessages(site), []);
  });
});
