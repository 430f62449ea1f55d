/** What is found out about a message that comes in: the truth where there is one, within bounds, whatever a stranger sends. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { SIGNATURES_LIMIT } from "../../../src/service/authentication/index.ts";
import { WAITING_OCTETS_LIMIT } from "../../../src/service/authentication/authentication.ts";
import { SPF_LOOKUPS_LIMIT } from "../../../src/service/authentication/lookups.ts";
import {
  RUN_LIMIT,
  SECTION_LINES_LIMIT,
  SECTION_OCTETS_LIMIT,
} from "../../../src/service/authentication/shape.ts";
import { BLOCK_OCTETS } from "../../../src/service/authentication/whole-lines.ts";
import { eventually } from "../../support/eventually.ts";
import { HOSTILE } from "../signing/hostile.ts";
import { signed } from "../signing/site.ts";
import { CLIENT, ipOf, nameOf, World } from "./world.ts";

const LETTER = Buffer.from("From: Ann <ann@example.org>\r\nSubject: Hi\r\n\r\nHello.\r\n");
const STRANGER = { ...CLIENT, ip: ipOf("198.51.100.1") };

function resultsOf(found: Awaited<ReturnType<World["check"]>>): string {
  if (found.unknown !== undefined) return found.unknown;
  return `spf=${found.spf} dkim=${found.dkim.join()} dmarc=${found.dmarc} arc=${found.arc}`;
}

test("signatures, sender and policy are told, under our name", async () => {
  const found = await new World().check(await signed(LETTER));
  assert.equal(resultsOf(found), "spf=pass dkim=pass,pass dmarc=pass arc=none");
  assert.match(found.text, /^mx\.example\.org;\r\n\tdkim=pass header\.d=example\.org /);
  assert.match(found.text, /;\r\n\tspf=pass [^;]*smtp\.mailfrom=example\.org;/);
  assert.match(found.text, /;\r\n\tdmarc=pass [^;]*header\.from=example\.org;/);
  assert.match(found.text, /;\r\n\tiprev=permerror policy\.iprev=192\.0\.2\.9$/);
  for (const line of found.text.split("\r\n")) assert.ok(line.length <= 100, line);
});

test("so is what is missing or false", async () => {
  const world = new World();
  const forged = Buffer.from((await signed(LETTER)).toString().replace("Hello", "Hullo"));
  const told: readonly (readonly [Uint8Array, typeof CLIENT, string])[] = [
    [LETTER, CLIENT, "spf=pass dkim=none dmarc=pass arc=none"],
    [LETTER, STRANGER, "spf=fail dkim=none dmarc=fail arc=none"],
    [forged, STRANGER, "spf=fail dkim=fail,fail dmarc=fail arc=none"],
    [LETTER, { ...STRANGER, sender: "" }, "spf=none dkim=none dmarc=fail arc=none"],
    [Buffer.from("Subject: x\r\n\r\n"), CLIENT, "spf=pass dkim=none dmarc=permerror arc=none"],
    [Buffer.from("x: y\r\n"), CLIENT, "spf=pass dkim=none dmarc=permerror arc=none"],
  ];
  for (const [message, client, results] of told)
    assert.equal(resultsOf(await world.check(message, client)), results);
});

for (const [name, message] of HOSTILE)
  test(`the same for any slices: ${name}`, async () => {
    const world = new World();
    const whole = await signed(message);
    const expected = resultsOf(await world.check(whole, CLIENT, whole.length + 1));
    for (const octets of [1, 7, 1000])
      assert.equal(resultsOf(await world.check(whole, CLIENT, octets)), expected);
  });

test("SPF is asked before there is a message, of that very domain, and says where it does not know", async () => {
  const world = new World();
  const { authentication, resolver } = world;
  const said = async (client: typeof CLIENT) => {
    const { result, domain } = await authentication.spf(client);
    return `${result} of ${domain}`;
  };
  assert.equal(await said(CLIENT), "pass of example.org");
  assert.equal(await said(STRANGER), "fail of example.org");
  assert.equal(await said({ ...CLIENT, sender: "ann@other.example" }), "none of other.example");
  resolver.fails(nameOf("example.org"), "TXT", "timeout");
  assert.equal(await said(CLIENT), "temperror of example.org");
  resolver.resolve = () => Promise.reject(new Error("broken"));
  assert.equal(await said(CLIENT), "temperror of example.org");
});

test("DMARC's pass names the author's organization and the sender's, where that may be the same", async () => {
  const world = new World();
  world.txt("_dmarc.psd.example.org", "v=DMARC1; p=none; psd=n"); // an organization of its own
  const named = async (sender: string, message: Uint8Array = LETTER, client = CLIENT) => {
    const { organizations } = await world.check(message, { ...client, sender });
    return organizations && `${organizations.author}, ${organizations.sender}`;
  };
  const message = await signed(LETTER);
  assert.equal(await named("ann@example.org", message, STRANGER), "example.org, example.org");
  assert.equal(await named("x@a.example.org", message, STRANGER), "example.org, example.org");
  assert.equal(await named("x@psd.example.org", message, STRANGER), "example.org, psd.example.org");
  assert.equal(await named("x@other.example", message, STRANGER), undefined);
  assert.equal(await named("x@xexample.org", message, STRANGER), undefined);
  assert.equal(await named("", message, STRANGER), undefined);
  assert.equal(await named("ann@example.org", LETTER, STRANGER), undefined, "it has not passed");
  world.resolver.fails(nameOf("_dmarc.a.example.org"), "TXT", "timeout");
  assert.equal(await named("x@a.example.org", message, STRANGER), undefined, "nobody said it");
});

test("letters of strangers do not come into the results", async () => {
  const client = { ...CLIENT, sender: "jörg@example.org", helo: "grüße.example" };
  const found = await new World().check(LETTER, client);
  assert.match(found.text, /^[\t\r\n -~]*$/);
});

test("MX, A, AAAA and PTR records count as they do for mail", async () => {
  const world = new World();
  const { resolver } = world;
  for (const [domain, mechanism] of [
    ["mx.test", "mx"],
    ["a.test", "a:host.test"],
    ["ptr.test", "ptr:host.test"],
  ] as const) {
    world.txt(domain, `v=spf1 ${mechanism} -all`);
    resolver.has(nameOf(domain), "MX", [{ preference: 10, exchange: nameOf("host.test") }]);
    resolver.has(nameOf("host.test"), "A", [CLIENT.ip]);
    resolver.has(nameOf("9.2.0.192.in-addr.arpa"), "PTR", [nameOf("host.test")]);
    const client = { ...CLIENT, sender: `a@${domain}` };
    assert.match(resultsOf(await world.check(LETTER, client)), /^spf=pass/, mechanism);
    const other = { ...client, ip: STRANGER.ip };
    assert.match(resultsOf(await world.check(LETTER, other)), /^spf=fail/, mechanism);
  }
});

test("where the DNS does not answer nothing is said, and what was asked is", async () => {
  const world = new World();
  world.resolver.fails(nameOf("example.org"), "TXT", "timeout");
  const reason = "the DNS did not say: example.org TXT: timeout";
  assert.equal(resultsOf(await world.check(LETTER)), reason);
  const message = await signed(LETTER);
  const results = "spf=temperror dkim=pass,pass dmarc=pass arc=none";
  assert.equal(resultsOf(await world.check(message)), results, "a signature holds");
});

test("no message asks more than it may", async () => {
  const world = new World();
  for (let i = 0; i < 12; i++) {
    const hosts = Array.from({ length: 10 }, (_, n) => nameOf(`h${n}.d${i}.test`));
    const records = hosts.map((exchange) => ({ preference: 1, exchange }));
    world.resolver.has(nameOf(`d${i}.test`), "MX", records);
    for (const host of hosts) world.resolver.has(host, "A", [STRANGER.ip]);
  }
  world.txt(
    "many.test",
    `v=spf1 ${Array.from({ length: 10 }, (_, i) => `mx:d${i}.test`).join(" ")} -all`,
  );
  const found = await world.check(LETTER, { ...CLIENT, sender: "a@many.test" });
  assert.match(resultsOf(found), new RegExp(`more than ${SPF_LOOKUPS_LIMIT} lookups$`));
  const forSpf = world.resolver.asked.filter((question) => / (?:A|MX)$|^many/.test(question));
  assert.equal(forSpf.length, SPF_LOOKUPS_LIMIT);
});

test("a text that is longer than any policy is none", async () => {
  const world = new World().txt("example.org", `v=spf1 ${" ".repeat(5000)}-all`);
  assert.match(resultsOf(await world.check(LETTER)), /^spf=none/);
});

test("a header section that is like no mail's is not read, and no key is looked up", async () => {
  const signature = "DKIM-Signature: v=1; d=x.test; s=s; h=from; bh=x; b=y\r\n";
  const hostile: readonly (readonly [string, string])[] = [
    [`X: ${"x".repeat(SECTION_OCTETS_LIMIT)}\r\n`, `${SECTION_OCTETS_LIMIT} octets`],
    ["X: y\r\n".repeat(SECTION_LINES_LIMIT), `${SECTION_LINES_LIMIT} lines`],
    [signature.repeat(SIGNATURES_LIMIT + 1), `${SIGNATURES_LIMIT} DKIM signatures`],
    [`X: a${" ".repeat(RUN_LIMIT + 1)}b\r\n`, `${RUN_LIMIT} blanks or dots in a row`],
    [`X: a${"\r\n\t".repeat(RUN_LIMIT / 2)}b\r\n`, `${RUN_LIMIT} blanks or dots in a row`],
    [`From: a@${".".repeat(RUN_LIMIT + 1)}b\r\n`, `${RUN_LIMIT} blanks or dots in a row`],
  ];
  for (const [fields, reason] of hostile) {
    const world = new World();
    const found = resultsOf(await world.check(Buffer.concat([Buffer.from(fields), LETTER])));
    assert.ok(found.endsWith(`has more than ${reason}`), found);
    assert.ok(!world.resolver.asked.some((question) => question.includes("_domainkey")));
  }
});

test("a line without an end is given up, and not kept", async () => {
  const message = Buffer.concat([LETTER, Buffer.alloc(10 * BLOCK_OCTETS, "x")]);
  const reason = `a line of it has more than ${BLOCK_OCTETS} octets`;
  assert.equal(resultsOf(await new World().check(message, CLIENT, 50_000)), reason);
  const most = Buffer.concat([LETTER, Buffer.alloc(BLOCK_OCTETS - 2, "x"), Buffer.from("\r\n")]);
  assert.match(resultsOf(await new World().check(most)), /^spf=pass/);
});

test("what comes faster than it can be read is given up", async () => {
  const body = Buffer.from("text\r\n".repeat(WAITING_OCTETS_LIMIT / 4));
  const found = await new World().check(Buffer.concat([LETTER, body]));
  assert.equal(resultsOf(found), "it came faster than it could be read");
});

test("of a body nothing is kept that has been hashed", async () => {
  await new World().check(LETTER); // mailauth is loaded
  const signatures = ["simple/simple", "relaxed/relaxed", "relaxed/simple; l=7"].map(
    (c) => `DKIM-Signature: v=1; a=rsa-sha256; c=${c}; d=x.test; s=s; h=from; bh=x; b=y\r\n`,
  );
  const section = Buffer.from(`${signatures.join("")}From: a@x.test\r\n\r\n`);
  const bodies = ["0123456789 abcdef  \r\n", "\r\n", "\n\r"].map((line) =>
    Buffer.from(line.repeat(65_536 / line.length)),
  );
  const collect = garbageCollector();
  const before = process.memoryUsage().arrayBuffers;
  for (const body of bodies) {
    const check = new World().authentication.open(CLIENT);
    check.begin(section);
    for (let octets = 0; octets < 10_485_760; octets += body.length) {
      check.body(body);
      await new Promise(setImmediate);
    }
    // What is free is taken back by another thread, some time after.
    await eventually("memory to be free", () => {
      collect();
      const kept = process.memoryUsage().arrayBuffers - before;
      return kept < 10 * BLOCK_OCTETS || undefined;
    });
    assert.match(resultsOf(await check.finish()), /dkim=fail,fail,fail/);
  }
});

function garbageCollector(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void; // there by the flag
}
