/** swaks, the tester's SMTP client, which says each step as it is told to. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ABROAD, Abroad } from "./support/abroad.ts";
import { assertArrived } from "./support/arrival.ts";
import { takeMessage, takeMessages } from "./support/mailbox.ts";
import { KIB, makeMessage } from "./support/messages.ts";
import { PASSWORD, startSite, USER, type Site } from "./support/site.ts";
import { swaks } from "./support/swaks.ts";

describe("swaks", () => {
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

  const WAYS = [
    { title: "in clear text", options: [], protocol: "ESMTP" },
    { title: "after STARTTLS", options: ["--tls"], protocol: "ESMTPS" },
    { title: "pipelined", options: ["--pipeline"], protocol: "ESMTP" },
    { title: "pipelined after STARTTLS", options: ["--pipeline", "--tls"], protocol: "ESMTPS" },
    { title: "with HELO", options: ["--protocol", "SMTP"], protocol: "SMTP" },
  ];
  for (const { title, options, protocol } of WAYS) {
    test(`delivers ${title}`, async () => {
      const message = makeMessage(`swaks ${title}`, { bytes: 64 * KIB });
      const { code, said } = await swaks(site, message, ...options);
      assert.equal(code, 0, said);
      const trace = assertArrived(await takeMessage(site), message);
      assert.match(trace, new RegExp(`\\bwith ${protocol}\\b`));
      assert.match(trace, /Return-Path: <sender@remote\.example>/);
    });
  }

  for (const mechanism of ["PLAIN", "LOGIN"]) {
    for (const [service, tls] of [
      ["submission", "--tls"],
      ["submissions", "--tls-on-connect"],
    ] as const) {
      test(`submits on the port for ${service} with a login by ${mechanism}`, async () => {
        const subject = `swaks ${service} ${mechanism}`;
        const message = makeMessage(subject, { from: USER, bytes: 64 * KIB });
        const port = ["--port", String(site.ports[service]), tls];
        const login = ["--auth", mechanism, "--auth-user", USER, "--auth-password", PASSWORD];
        const envelope = ["--from", USER, "--to", `${USER},${ABROAD}`];
        const { code, said } = await swaks(site, message, ...port, ...login, ...envelope);
        assert.equal(code, 0, said);
        const trace = assertArrived(await takeMessage(site), message);
        assert.match(trace, /\bwith ESMTPSA\b/);
        await abroad.gets(message);
      });
    }
  }

  test("finds no login without TLS", async () => {
    const message = makeMessage("swaks no TLS", { bytes: KIB });
    const port = ["--port", String(site.ports.submission)];
    const login = ["--auth", "--auth-user", USER, "--auth-password", PASSWORD];
    const { code, said } = await swaks(site, message, ...port, ...login);
    assert.equal(code, 28, said); // swaks: it could not log in
    const without = await swaks(site, message, ...port);
    assert.match(without.said, /530 5\.7\.0 must issue STARTTLS/);
  });

  test("delivers to an unknown client name and from nobody", async () => {
    const message = makeMessage("swaks bounce", { bytes: KIB });
    const { code, said } = await swaks(site, message, "--from", "<>");
    assert.equal(code, 0, said);
    assert.match(assertArrived(await takeMessage(site), message), /^Return-Path: <>/);
  });

  const RELAYING = ["victim@elsewhere.example", "victim%elsewhere.example@local.example"];
  for (const recipient of RELAYING) {
    test(`is refused relaying to ${recipient}`, async () => {
      const message = makeMessage("swaks relay", { bytes: KIB });
      const { code, said } = await swaks(site, message, "--to", recipient);
      assert.equal(code, 24, said); // swaks: no recipient was accepted
      assert.match(said, /550 5\.7\.1 /);
      assert.deepEqual(await takeMessages(site), []);
    });
  }

  test("has only the local one of two recipients accepted", async () => {
    const message = makeMessage("swaks both", { bytes: KIB });
    const { said } = await swaks(site, message, "--to", `victim@elsewhere.example,${USER}`);
    assert.match(said, /550 5\.7\.1 /);
    assertArrived(await takeMessage(site), message);
  });
});
