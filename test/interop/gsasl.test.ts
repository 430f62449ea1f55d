/** GNU SASL's own client: each mechanism as another maker reads its RFC, channel binding to TLS 1.3 among them. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { run, type Run } from "./support/programs.ts";
import { PASSWORD, startSite, USER, type Site } from "./support/site.ts";

describe("gsasl", () => {
  let site: Site;
  before(async () => {
    site = await startSite();
  });
  after(() => site.stop());

  /** An empty --x509-ca-file takes any certificate. It logs in, and leaves. */
  function gsasl(...more: string[]): Promise<Run> {
    const server = ["--smtp", "--connect", `127.0.0.1:${site.ports.submission}`];
    const login = ["--authentication-id", USER, "--x509-ca-file="];
    return run("gsasl", [...server, ...login, ...more]);
  }

  /** Without --no-cb its SCRAM-SHA-256 makes no first message where -PLUS would be possible. */
  const WAYS: readonly [string, string[]][] = [
    ["SCRAM-SHA-256-PLUS", ["--mechanism", "SCRAM-SHA-256-PLUS"]],
    ["SCRAM-SHA-256", ["--mechanism", "SCRAM-SHA-256", "--no-cb"]],
    ["PLAIN", ["--mechanism", "PLAIN"]],
    ["LOGIN", ["--mechanism", "LOGIN"]],
  ];
  for (const [mechanism, options] of WAYS) {
    test(`logs in by ${mechanism}, and not with a wrong password`, async () => {
      const right = await gsasl("--password", PASSWORD, ...options);
      assert.equal(right.code, 0, right.said);
      assert.match(right.said, new RegExp(`^AUTH ${mechanism}\r?$`, "m"));
      assert.match(right.said, /^235 2\.7\.0 /m);
      const wrong = await gsasl("--password", "wrong", ...options);
      assert.notEqual(wrong.code, 0, wrong.said);
      assert.match(wrong.said, /^535 5\.7\.8 wrong name or password/m);
    });
  }

  test("binds its login to the connection when it may choose", async () => {
    const { code, said } = await gsasl("--password", PASSWORD);
    assert.equal(code, 0, said);
    assert.match(said, /^AUTH SCRAM-SHA-256-PLUS\r?$/m);
  });

  test("has nothing to bind to before TLS 1.3", async () => {
    const { said } = await gsasl("--password", PASSWORD, "--priority", "NORMAL:-VERS-TLS1.3");
    assert.match(said, /^250-AUTH SCRAM-SHA-256 PLAIN LOGIN\r?$/m);
  });

  test("may name itself as the one to act as, and nobody else", async () => {
    const as = (identity: string) =>
      gsasl("--password", PASSWORD, "--mechanism", "PLAIN", "--authorization-id", identity);
    assert.match((await as(USER)).said, /^235 /m);
    assert.match((await as("root@local.example")).said, /^535 5\.7\.8 you can log in only as/m);
  });

  test("is not let in without TLS", async () => {
    const { said } = await gsasl("--password", PASSWORD, "--no-starttls");
    assert.match(said, /Cannot find mechanism/);
    assert.doesNotMatch(said, /^235 /m);
  });
});
