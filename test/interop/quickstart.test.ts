/**
 * The first five minutes: what `npm start` runs makes a site, prints two commands, and both work as pasted.
 * It serves on the ports that it always has, 10025 and so on; they must be free.
 */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { run } from "./support/programs.ts";
import { startServer, temporaryDirectory, type Server } from "./support/site.ts";

describe("the quick start", () => {
  const place = temporaryDirectory();
  let server: Server;
  before(async () => {
    server = await startServer(["quickstart"], { cwd: place });
  });
  after(() => server.stop());

  /** The printed lines that a reader would paste. */
  function printedCommands(): string[] {
    const lines = server.greeting.split("\n").map((line) => line.trim().replace(/^\$ /, ""));
    return lines.filter((line) => /\bcurl\b.*\b(?:smtp|pop3)s?:/.test(line));
  }

  test("makes its site in ./data", () => {
    assert.ok(existsSync(join(place, "data", "gatepost.toml")));
  });

  test("prints where mail programs can set themselves up", async () => {
    const [, address] = /^ *HTTP +(127\.0\.0\.1:\d+),/m.exec(server.greeting) ?? [];
    const url = `http://${address}/mail/config-v1.1.xml?emailaddress=you%40example.test`;
    const host = ["--header", "Host: autoconfig.example.test"];
    const { stdout, said } = await run("curl", ["--silent", "--max-time", "50", ...host, url]);
    assert.match(stdout.toString(), /<hostname>mail\.example\.test<\/hostname>/, said);
  });

  test("prints a command to send and one to fetch, which work through sh", async () => {
    const [send, fetch, ...others] = printedCommands();
    assert.ok(send !== undefined && fetch !== undefined && others.length === 0, server.greeting);
    const sent = await run("sh", ["-c", send], { cwd: place });
    assert.equal(sent.code, 0, `${send}\n${sent.said}`);
    const fetched = await run("sh", ["-c", fetch], { cwd: place });
    assert.equal(fetched.code, 0, `${fetch}\n${fetched.said}`);
    const message = fetched.stdout.toString();
    assert.match(message, /^Return-Path: </);
    assert.match(message, /^Subject: /m);
  });
});
