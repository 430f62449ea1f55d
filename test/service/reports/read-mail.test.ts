/** Reports are read as real servers send them, and nothing that a stranger sends instead breaks the reader. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { readReportMail } from "../../../src/service/reports/read-mail.ts";
import type { TlsReport } from "../../../src/store/index.ts";
import { APPENDIX_B, GOOGLE, gzipMail, jsonMail, MICROSOFT } from "./samples.ts";

async function read(mail: string | Uint8Array): Promise<readonly TlsReport[] | string> {
  const reading = await readReportMail(Uint8Array.from(Buffer.from(mail)), { about: "tls" });
  assert.ok(reading.kind !== "relay");
  return reading.kind === "tls" ? reading.reports : reading.why;
}

async function one(mail: string): Promise<TlsReport> {
  const reports = await read(mail);
  assert.ok(typeof reports !== "string", typeof reports === "string" ? reports : "");
  const [report] = reports;
  assert.ok(report !== undefined && reports.length === 1);
  return report;
}

async function unreadable(mail: string | Uint8Array, why: RegExp): Promise<void> {
  const reports = await read(mail);
  assert.ok(typeof reports === "string", "it was read");
  assert.match(reports, why);
}

/** The example of the RFC with other values at these paths; undefined takes one away. */
function changed(values: Readonly<Record<string, unknown>>): unknown {
  return Object.entries(values).reduce<unknown>(
    (report, [path, value]) => withValue(report, path.split("."), value),
    APPENDIX_B,
  );
}

function withValue(at: unknown, [key = "", ...path]: readonly string[], value: unknown): unknown {
  if (Array.isArray(at)) return at.with(Number(key), next(at[Number(key)] as unknown, path, value));
  const object = { ...(at as Readonly<Record<string, unknown>>) }; // the paths are our own
  const { [key]: before, ...others } = object;
  const after = next(before, path, value);
  return after === undefined ? others : { ...object, [key]: after };
}

function next(before: unknown, path: readonly string[], value: unknown): unknown {
  return path.length === 0 ? value : withValue(before, path, value);
}

test("the example of RFC 8460 is read whole, as gzip and as JSON", async () => {
  const report = await one(gzipMail(APPENDIX_B));
  assert.deepEqual(await one(jsonMail(APPENDIX_B)), report);
  const { policies, ...head } = report;
  assert.deepEqual(head, {
    organisation: "Company-X",
    reportId: "5065427c-23d3-47ca-b6e0-946ea0e8c4be",
    domain: "local.example",
    beginsAt: Date.UTC(2026, 10, 20),
    endsAt: Date.UTC(2026, 10, 20, 23, 59, 59),
    contact: "sts-reporting@company-x.example",
  });
  const [policy] = policies;
  assert.ok(policy !== undefined && policies.length === 1);
  assert.equal(policy.type, "sts");
  assert.deepEqual(policy.hosts, ["*.mail.local.example"]);
  assert.deepEqual([policy.succeeded, policy.failed, policy.leftOut], [5326, 303, 0]);
  assert.deepEqual(
    policy.failures.map(({ result, sessions }) => [result, sessions]),
    [
      ["starttls-not-supported", 200],
      ["certificate-expired", 100],
      ["validation-failure", 3],
    ],
    "the most frequent first",
  );
  assert.deepEqual(policy.failures[2], {
    result: "validation-failure",
    sessions: 3,
    sendingIp: "198.51.100.62",
    mx: "mx-backup.mail.local.example",
    helo: "",
    receivingIp: "203.0.113.58",
    reason: "X509_V_ERR_PROXY_PATH_LENGTH_EXCEEDED",
    information: "",
  });
});

test("what large senders make is read", async () => {
  const google = await one(gzipMail(GOOGLE));
  assert.deepEqual(
    google.policies.map(({ succeeded, failed, failures }) => [succeeded, failed, failures.length]),
    [[41, 0, 0]],
  );
  const microsoft = await one(gzipMail(MICROSOFT));
  assert.deepEqual(
    microsoft.policies.map(({ type, hosts }) => [type, hosts.length]),
    [
      ["sts", 0],
      ["tlsa", 0],
    ],
  );
  assert.equal(microsoft.policies[0]?.failures[0]?.reason, "CertificateExpired");
});

test("a part without the registered type is known by its file's name, any other is not", async () => {
  for (const type of ["application/gzip", "application/x-gzip", "application/octet-stream"])
    assert.equal((await one(gzipMail(GOOGLE, type))).organisation, "Google Inc.", type);
  assert.equal((await one(jsonMail(GOOGLE, "application/json"))).organisation, "Google Inc.");
  await unreadable(gzipMail(GOOGLE, "application/zip"), /^no part of the type/);
  await unreadable(jsonMail(GOOGLE, "text/plain"), /^no part of the type/);
  await unreadable("Subject: hello\r\n\r\nhow are you?\r\n", /^no part of the type/);
  await unreadable("", /^no part of the type/);
});

test("a report alone, without multipart, is one", async () => {
  const mail = `Content-Type: application/tlsrpt+json\r\n\r\n${JSON.stringify(GOOGLE)}`;
  assert.equal((await one(mail)).reportId, GOOGLE["report-id"]);
});

test("a report inside a forwarded mail is none", async () => {
  const inner = gzipMail(GOOGLE);
  const mail =
    "Content-Type: multipart/mixed; boundary=x\r\n\r\n" +
    `--x\r\nContent-Type: message/rfc822\r\n\r\n${inner}\r\n--x--\r\n`;
  await unreadable(mail, /^no part of the type/);
});

test("what is missing or unknown beside the figures does not matter", async () => {
  const lenient = changed({
    "new-in-2030": { deep: [1] },
    "contact-info": undefined,
    "policies.0.policy.mx-host": "mx.local.example", // a text instead of a list
    "policies.0.policy.policy-string": null,
    "policies.0.policy.policy-domain": "LOCAL.example.",
    "policies.0.failure-details.0.receiving-ip": 7,
    "policies.0.failure-details.0.result-type": "invented-later",
  });
  const report = await one(gzipMail(lenient));
  assert.equal(report.contact, "");
  assert.equal(report.domain, "local.example");
  assert.deepEqual(report.policies[0]?.hosts, ["mx.local.example"]);
  assert.deepEqual(report.policies[0]?.strings, []);
  const later = report.policies[0]?.failures[1];
  assert.deepEqual([later?.result, later?.receivingIp], ["invented-later", ""]);
});

test("one report about several domains is one for each", async () => {
  const [policy] = APPENDIX_B.policies;
  const other = { ...policy, policy: { ...policy?.policy, "policy-domain": "other.example" } };
  const two = changed({ policies: [policy, other] });
  const reports = await read(gzipMail(two));
  assert.ok(typeof reports !== "string");
  assert.deepEqual(
    reports.map(({ domain, policies }) => [domain, policies.length]),
    [
      ["local.example", 1],
      ["other.example", 1],
    ],
  );
});

test("figures and names that cannot be are refused, with the field's name", async () => {
  const failed = "policies.0.summary.total-failure-session-count";
  const succeeded = "policies.0.summary.total-successful-session-count";
  const cases: readonly (readonly [path: string, value: unknown, why: RegExp])[] = [
    [failed, -1, /^policies\.0\.summary\.total-failure-session-count: /],
    [succeeded, 1e300, /successful-session-count: /],
    [succeeded, 1.5, /successful-session-count: /],
    [succeeded, "12", /successful-session-count: /],
    ["policies.0.failure-details.0.failed-session-count", -5, /failed-session-count: /],
    ["policies.0.policy.policy-type", "other", /policy-type: /],
    ["policies.0.policy.policy-domain", "no domain", /policy-domain: /],
    ["policies.0.failure-details", "many", /failure-details: /],
    ["policies", [], /^policies: /],
    ["policies", {}, /^policies: /],
    ["organization-name", undefined, /^organization-name: /],
    ["report-id", "x".repeat(256), /^report-id: /],
    ["date-range.end-datetime", "yesterday", /^date-range\.end-datetime: no time/],
    ["date-range.end-datetime", "2026-11-19T00:00:00Z", /^date-range: ends before/],
  ];
  for (const [path, value, why] of cases)
    await unreadable(gzipMail(changed({ [path]: value })), why);
  for (const value of ["null", "[]", '"report"', "7", ""])
    await unreadable(jsonMail(value), /no JSON|: |^: /);
});

test("nothing large is built of little", async () => {
  const zeros = Buffer.alloc(100_000_000, 0x20);
  await unreadable(gzipPart(gzipSync(zeros)), /^more than 2097152 octets of JSON/);
  await unreadable(jsonMail(" ".repeat(2_097_153)), /^more than 2097152 octets of JSON/);
  await unreadable(gzipMail("[".repeat(2_000_000)), /^JSON deeper than 16/);
  await unreadable(gzipMail(`{"a":${'{"a":'.repeat(20)}1`), /^JSON deeper than 16/);
  const detail = '{"result-type":"x"}';
  const many = `{"policies":[{"failure-details":[${`${detail},`.repeat(60_000)}${detail}]}]}`;
  await unreadable(gzipMail(many), /^more than 50000 values/);
  const million = `[${"0,".repeat(1_000_000)}0]`;
  await unreadable(gzipMail(million), /^more than 50000 values/);
});

test("what is no gzip, no JSON or no UTF-8 is said to be so", async () => {
  await unreadable(gzipPart(Buffer.from("not compressed")), /^no gzip/);
  await unreadable(gzipPart(gzipSync("x").subarray(0, 12)), /^no gzip/);
  await unreadable(gzipMail("{"), /^no JSON/);
  await unreadable(gzipPart(gzipSync(Buffer.from([0x22, 0xff, 0x22]))), /^no JSON/);
});

test("names of objects do not reach their prototypes", async () => {
  const hostile = JSON.stringify(APPENDIX_B).replace(
    "{",
    '{"__proto__":{"organization-name":"Evil"},"constructor":{"prototype":{"polluted":1}},',
  );
  assert.equal((await one(gzipMail(hostile))).organisation, "Company-X");
  assert.equal(({} as { polluted?: number }).polluted, undefined);
});

test("of many failures the most frequent are kept, and long texts are cut", async () => {
  const details = Array.from({ length: 1000 }, (_, i) => ({
    "result-type": "certificate-expired",
    "failed-session-count": i,
    "additional-information": "ü".repeat(300),
  }));
  const long = changed({
    "policies.0.failure-details": details,
    "policies.0.policy.policy-string": Array.from({ length: 1000 }, () => "y".repeat(300)),
  });
  const report = await one(gzipMail(long));
  const [policy] = report.policies;
  assert.ok(policy !== undefined);
  assert.equal(policy.failures[0]?.sessions, 999);
  assert.equal(policy.failures[0]?.information.length, 200);
  assert.equal(policy.failures.length + policy.leftOut, 1000);
  assert.ok(Buffer.byteLength(JSON.stringify(report.policies)) < 17_000);
});

test("many short lines are not looked at", async () => {
  const lines = `Content-Type: application/tlsrpt+json\r\n\r\n${"1\n".repeat(20_000)}`;
  await unreadable(lines, /^more than 20000 lines/);
});

test("parts within parts end somewhere", async () => {
  const parts = Array.from(
    { length: 200 },
    (_, i) => `Content-Type: multipart/mixed; boundary=b${i}\r\n\r\n--b${i}\r\n`,
  );
  await unreadable(parts.join(""), /^the reader broke: /);
});

function gzipPart(octets: Uint8Array): string {
  return (
    "Content-Type: application/tlsrpt+gzip\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
    Buffer.from(octets).toString("base64").replaceAll(/.{76}/g, "$&\r\n")
  );
}
