/** Requests and their answers: whose host, which path; what may not be told, and what no request may do. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { parseDomain, parseIp, type Domain } from "../../src/mail/index.ts";
import type { ClientService } from "../../src/operate/doctor/index.ts";
import { answerWeb, type WebRequest, type WebResponse, type WebSite } from "../../src/web/index.ts";

function domain(text: string): Domain {
  return parseDomain(text) ?? assert.fail(text);
}

const POLICY = "version: STSv1\r\n";
const DOMAINS = new Set([
  "example.org",
  "sub.example.org",
  "xn--bcher-kva.example",
  "mta-sts.example.net",
]);
/** A domain of ours whose mailboxes are on another host. */
const ELSEWHERE = domain("inner.example.org");
DOMAINS.add(ELSEWHERE);

const ALL: ReadonlyMap<ClientService, number> = new Map([
  ["pop3", 110],
  ["submission", 587],
  ["pop3s", 995],
  ["submissions", 465],
]);

const SITE: WebSite = {
  hostname: domain("mx.example.org"),
  stsPolicy: POLICY,
  mailPorts: ALL,
  isOwnDomain: (name) => DOMAINS.has(name),
  hasMailboxes: (name) => name !== ELSEWHERE,
};

const STS = "/.well-known/mta-sts.txt";
const CONFIG = "/mail/config-v1.1.xml";
const WELL_KNOWN = "/.well-known/autoconfig/mail/config-v1.1.xml";

const ASKED: WebRequest = {
  method: "GET",
  authority: undefined,
  path: "/",
  query: "",
  ip: parseIp("192.0.2.1") ?? assert.fail(),
  accept: "",
  origin: "",
  fetchSite: "",
};

/** All that a site without lists says it says at once. */
function answer(site: WebSite, request: Partial<WebRequest>): WebResponse {
  const response = answerWeb(site, { ...ASKED, ...request });
  return response instanceof Promise ? assert.fail("it is known at once") : response;
}

function get(authority: string | undefined, path: string, more: Partial<WebRequest> = {}) {
  return answer(SITE, { authority, path, ...more });
}

describe("a policy", () => {
  const SERVED = [
    "mta-sts.example.org",
    "MTA-STS.Example.ORG",
    "mta-sts.example.org:443",
    "mta-sts.example.org:",
    "mta-sts.sub.example.org",
    "mta-sts.xn--bcher-kva.example",
    "mta-sts.mta-sts.example.net",
  ];
  for (const authority of SERVED)
    test(`is served at ${authority}`, () => {
      const { status, fields, body } = get(authority, STS);
      assert.deepEqual([status, fields["Content-Type"], body], [200, "text/plain", POLICY]);
    });

  const STRANGE = [
    undefined,
    "",
    "example.org",
    "autoconfig.example.org",
    "mta-sts",
    "mta-sts.",
    "mta-sts..example.org",
    "mta-sts.example.org.",
    "mta-sts.foreign.example",
    "xmta-sts.example.org",
    "mta-stsxexample.org",
    "x.mta-sts.example.org",
    "mta-sts.example.net", // a domain of the site, but not one whose host this is
    "mta-sts.example.org:443:443",
    "mta-sts.example.org:http",
    "user@mta-sts.example.org",
    "mta-sts.example.org/",
    "mta-sts.example.org,mta-sts.example.org",
    "mta-sts.example.org mta-sts.example.org",
    "mta-sts.ｅxample.org",
    "127.0.0.1",
    "[::1]",
    "[::1]:443",
    "__proto__",
    "mta-sts.__proto__",
    "a.".repeat(4000),
    ":".repeat(8000),
  ];
  for (const authority of STRANGE)
    test(`is not to be had at ${String(authority).slice(0, 60)}`, () => {
      assert.equal(get(authority, STS).status, 404);
    });

  for (const path of [
    "",
    "/",
    "*",
    `${STS}/`,
    `/${STS}`,
    "/.well-known/mta-sts.tx",
    "/.well-known/%6dta-sts.txt",
    "/.well-known/../.well-known/mta-sts.txt",
    CONFIG,
    WELL_KNOWN,
  ])
    test(`is not at ${path}`, () => {
      assert.equal(get("mta-sts.example.org", path).status, 404);
    });
});

describe("a mail program's set-up", () => {
  test("is served at both of its places, and at no other", () => {
    for (const [host, path] of [
      ["autoconfig.example.org", CONFIG],
      ["example.org", WELL_KNOWN],
    ] as const) {
      const { status, fields, body } = get(host, path);
      assert.equal(status, 200);
      assert.equal(fields["Content-Type"], "text/xml; charset=utf-8");
      assert.match(body, /<emailProvider id="example\.org">/);
    }
    for (const [host, path] of [
      ["autoconfig.example.org", WELL_KNOWN],
      ["example.org", CONFIG],
      ["mx.example.org", WELL_KNOWN],
      ["autoconfig.foreign.example", CONFIG],
      [undefined, CONFIG],
    ] as const)
      assert.equal(get(host, path).status, 404, host ?? "no host");
  });

  /** Type, port and way to TLS of each server, in their order. */
  const servers = (mailPorts: WebSite["mailPorts"]): readonly string[] => {
    const request = { method: "GET", authority: "autoconfig.example.org", path: CONFIG };
    const { body } = answer({ ...SITE, mailPorts }, request);
    const SERVER =
      /<(?:in|out)\w+ type="(\w+)">\s*<hostname>mx\.example\.org<\/hostname>\s*<port>(\d+)<\/port>\s*<socketType>(\w+)</g;
    return [...body.matchAll(SERVER)].map(([, ...found]) => found.join(" "));
  };

  test("names what there is, TLS from the first octet first", () => {
    assert.deepEqual(servers(ALL), [
      "pop3 995 SSL",
      "pop3 110 STARTTLS",
      "smtp 465 SSL",
      "smtp 587 STARTTLS",
    ]);
    assert.deepEqual(
      servers(
        new Map([
          ["submission", 10_587],
          ["pop3", 10_110],
        ]),
      ),
      ["pop3 10110 STARTTLS", "smtp 10587 STARTTLS"],
    );
  });

  test("is not there where mail cannot be fetched, or not sent", () => {
    for (const service of ["pop3s", "submissions"] as const)
      assert.deepEqual(servers(new Map([[service, 1]])), []);
  });

  test("is not there for a domain whose mailboxes are elsewhere; its policy is", () => {
    assert.equal(get("autoconfig.inner.example.org", CONFIG).status, 404);
    assert.equal(get("inner.example.org", WELL_KNOWN).status, 404);
    assert.equal(get("mta-sts.inner.example.org", STS).status, 200);
  });

  test("shows a domain as people write it, and means its A-labels", () => {
    const { body } = get("autoconfig.xn--bcher-kva.example", CONFIG);
    assert.match(body, /<domain>xn--bcher-kva\.example<\/domain>/);
    assert.match(body, /<displayName>bücher\.example<\/displayName>/);
  });
});

test("HEAD is answered as GET; no other method does anything", () => {
  const head = get("mta-sts.example.org", STS, { method: "HEAD" });
  assert.deepEqual(head, get("mta-sts.example.org", STS));
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get", ""]) {
    const { status, fields } = get("mta-sts.example.org", STS, { method });
    assert.deepEqual([status, fields["Allow"]], [405, "GET, HEAD"], method);
  }
});

test("a domain is asked for at each request", () => {
  DOMAINS.add("new.example");
  assert.equal(get("mta-sts.new.example", STS).status, 200);
  DOMAINS.delete("new.example");
  assert.equal(get("mta-sts.new.example", STS).status, 404);
});

test("whatever is asked has an answer, and only own domains have one with something in it", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary-ascii" }),
    fc.domain(),
    fc.constant("mta-sts.example.org"),
  );
  const path = fc.oneof(text, fc.constantFrom(STS, CONFIG, WELL_KNOWN));
  fc.assert(
    fc.property(
      fc.oneof(text, fc.constantFrom("GET", "HEAD")),
      text,
      path,
      (method, authority, at) => {
        const { status } = answer(SITE, { method, authority, path: at });
        const isOwn =
          authority === "mta-sts.example.org" && at === STS && /^(?:GET|HEAD)$/.test(method);
        assert.ok(status === (isOwn ? 200 : status === 405 ? 405 : 404));
      },
    ),
  );
});
