/** The MTA-STS policy as others fetch it: curl, over TLS with the certificate of that name, verified. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { z } from "zod";
import { eventually } from "../support/eventually.ts";
import { takeMessages } from "./support/mailbox.ts";
import { run, type Run } from "./support/programs.ts";
import { startWebSite, type WebSite } from "./support/web-site.ts";

const QUIET = ["--silent", "--show-error", "--max-time", "50"];
const PATH = "/.well-known/mta-sts.txt";
const TESTING = "version: STSv1\r\nmode: testing\r\nmx: mx.local.example\r\nmax_age: 604800\r\n";
/** curl's exit: the certificate has another name, or nobody trusts it. */
const NOT_VERIFIED = 60;

describe("an MTA-STS policy", () => {
  let site: WebSite;
  before(async () => {
    site = await startWebSite();
  });
  after(() => site.stop());

  function ask(host: string, ...more: readonly string[]): Promise<Run> {
    const { https } = site.ports;
    const to = ["--cacert", site.ca, "--resolve", `${host}:${https}:127.0.0.1`];
    return run("curl", [...QUIET, ...to, ...more, `https://${host}:${https}${PATH}`]);
  }

  async function fetched(...more: readonly string[]): Promise<string> {
    const { code, stdout, said } = await ask("mta-sts.local.example", "--fail", ...more);
    assert.equal(code, 0, said);
    return stdout.toString();
  }

  test("is fetched by HTTP/1.1 and HTTP/1.0, with a certificate of its host", async () => {
    assert.equal(await fetched(), TESTING);
    assert.equal(await fetched("--http1.0"), TESTING);
    assert.equal(await fetched("--http2"), TESTING); // which is not spoken here, and need not be
    const head = await fetched("--head");
    assert.match(head, /^content-type: text\/plain\r$/im);
    assert.match(head, new RegExp(`^content-length: ${TESTING.length}\\r$`, "im"));
  });

  test("is fetched many at once, over one connection and over several", async () => {
    const url = `https://mta-sts.local.example:${site.ports.https}${PATH}`;
    const all = await fetched("--parallel", ...Array.from({ length: 20 }, () => url));
    assert.equal(all, TESTING.repeat(21));
  });

  test("is not to be had by names that have no certificate or no policy", async () => {
    assert.equal((await ask("mta-sts.foreign.example")).code, NOT_VERIFIED);
    assert.equal((await ask("foreign.example", "--insecure", "--fail")).code, 22);
    const posted = await ask("mta-sts.local.example", "--data", "x=y", "--include");
    assert.match(posted.stdout.toString(), /^HTTP\/1\.1 405 [^]*^Allow: GET, HEAD\r$/m);
  });

  const Records = z.array(z.looseObject({ purpose: z.string(), data: z.array(z.string()) }));

  /** The id in the record that is to be published. */
  async function publishedId(domain: string): Promise<string> {
    const { code, stdout, said } = await site.gatepost("domain", "records", domain, "--json");
    assert.equal(code, 0, said);
    const records = Records.parse(JSON.parse(stdout.toString()));
    const [text = ""] = records.find(({ purpose }) => purpose === "mta-sts")?.data ?? [];
    return /^"v=STSv1; id=([0-9a-z]+)"$/.exec(text)?.[1] ?? assert.fail(text);
  }

  function idOf(policy: string): string {
    return createHash("sha256").update(policy).digest("hex").slice(0, 20);
  }

  test("has the id that is published, also when a reload has changed it", async () => {
    assert.equal(await publishedId("local.example"), idOf(TESTING));
    const settings = '\n[mta_sts]\nmode = "enforce"\nmax_age_seconds = 1209600\n';
    appendFileSync(join(site.directory, "gatepost.toml"), settings);
    process.kill(site.pid, "SIGHUP");
    const enforced = TESTING.replace("testing", "enforce").replace("604800", "1209600");
    await eventually("the new policy", async () => {
      const policy = await fetched();
      return policy === enforced ? policy : undefined;
    });
    assert.equal(await publishedId("local.example"), idOf(enforced));
  });

  test("is there for a domain as soon as that is added, and gone with it", async () => {
    const policyOf = async (): Promise<number | null> =>
      (await ask("mta-sts.new.example", "--insecure", "--fail")).code;
    assert.equal(await policyOf(), 22);
    assert.equal((await site.gatepost("domain", "add", "new.example")).code, 0);
    assert.equal(await policyOf(), 0);
    assert.equal((await site.gatepost("domain", "remove", "new.example")).code, 0);
    assert.equal(await policyOf(), 22);
  });

  test("is all there is: no proxy, no tunnel, no mail", async () => {
    const proxy = `http://127.0.0.1:${site.ports.http}`;
    const foreign = ["--proxy", proxy, "--include"];
    const proxied = await run("curl", [...QUIET, ...foreign, "http://www.foreign.example/"]);
    assert.match(proxied.stdout.toString(), /^HTTP\/1\.1 404 /);
    for (const url of [
      `http://127.0.0.1:${site.ports.smtp}/`,
      `smtp://127.0.0.1:${site.ports.smtp}/`,
    ]) {
      const tunnelled = await run("curl", [...QUIET, ...foreign, "--proxytunnel", url]);
      assert.match(tunnelled.said, /response 405/);
    }
    const envelope = ["--mail-from", "a@foreign.example", "--mail-rcpt", "user@local.example"];
    const smtp = `smtp://127.0.0.1:${site.ports.http}/client.example`;
    const sent = await run("curl", [
      ...QUIET,
      ...envelope,
      "--upload-file",
      site.ca,
      "--max-time",
      "2",
      smtp,
    ]);
    assert.notEqual(sent.code, 0);
    assert.deepEqual(await takeMessages(site), []);
  });
});
