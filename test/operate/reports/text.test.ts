/** Reports as an administrator reads them on a terminal of 80 columns, and as a script does. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { TLS_FAILURES, type Domain } from "../../../src/mail/index.ts";
import { tlsReport, type TlsQuery } from "../../../src/operate/reports/index.ts";
import type {
  ReportedFailure,
  StoredTlsReport,
  TlsReportQuery,
  TlsResultCount,
  TlsResultQuery,
} from "../../../src/store/index.ts";
import { domainOf } from "../../support/memory-directory.ts";

const OURS = domainOf("example.org");
const NET = domainOf("example.net");
const NOW = Date.UTC(2026, 10, 28, 12);
const TODAY = Math.floor(NOW / 86_400_000);
const QUERY: TlsQuery = { days: 7, about: "both", now: NOW };

function failure(parts: Partial<ReportedFailure> = {}): ReportedFailure {
  return {
    result: "certificate-expired",
    sessions: 3,
    sendingIp: "192.0.2.7",
    mx: "mx.example.org",
    helo: "",
    receivingIp: "",
    reason: "",
    information: "",
    ...parts,
  };
}

/** `failed` sessions with these details. */
function stored(
  organisation: string,
  failed: number,
  failures: readonly ReportedFailure[],
  parts: Partial<StoredTlsReport> = {},
): StoredTlsReport {
  return {
    key: 1,
    organisation,
    reportId: "1",
    domain: OURS,
    beginsAt: Date.UTC(2026, 10, 26),
    endsAt: Date.UTC(2026, 10, 26, 23, 59, 59),
    contact: `tls@${organisation}.example`,
    from: `reports@${organisation}.example`,
    ip: "192.0.2.7",
    receivedAt: NOW,
    policies: [
      { type: "sts", strings: [], hosts: [], succeeded: 10, failed, failures, leftOut: 0 },
    ],
    ...parts,
  };
}

function seen(parts: Partial<TlsResultCount> = {}): TlsResultCount {
  return {
    key: 1,
    day: TODAY,
    domain: NET,
    policyType: "sts",
    result: "success",
    mx: "mx.example.net",
    sessions: 4,
    firstAt: NOW,
    lastAt: NOW,
    ip: "192.0.2.25",
    detail: "",
    policy: [],
    policyHosts: [],
    ...parts,
  };
}

interface Kept {
  readonly reports?: readonly StoredTlsReport[];
  readonly results?: readonly TlsResultCount[];
  readonly waits?: boolean;
}

async function shown(kept: Kept, query: Partial<TlsQuery> = {}, asJson = false): Promise<string> {
  const { reports = [], results = [], waits = false } = kept;
  const of = (domain: Domain | undefined, one: { domain: string }) =>
    domain === undefined || one.domain === domain;
  const unused = () => assert.fail("a command only reads");
  return tlsReport(
    {
      reportMails: {
        waiting: () => (waits ? [{ about: "relay" }, { about: "tls" }] : []) as never, // only whether there is one
        read: unused,
        drop: unused,
        deposit: unused,
      },
      tlsReports: {
        find: async ({ domain, after = 0, limit }: TlsReportQuery) =>
          page(
            reports.filter((one) => of(domain, one)),
            after,
            limit,
          ),
        keep: unused,
        prune: unused,
      },
      tlsResults: {
        find: async ({ domain, sinceDay, after = 0, limit }: TlsResultQuery) =>
          page(
            results.filter((one) => of(domain, one) && one.day >= sinceDay),
            after,
            limit,
          ),
        note: unused,
        prune: unused,
      },
    },
    { ...QUERY, ...query },
    asJson,
  );
}

/** Numbered from 1, as a store does. */
function page<Row extends { readonly key: number }>(
  rows: readonly Row[],
  after: number,
  limit: number,
): readonly Row[] {
  return rows.map((row, i) => ({ ...row, key: i + 1 })).slice(after, after + limit);
}

function isNarrow(text: string): void {
  for (const line of text.split("\n")) assert.ok(line.length <= 80, line);
}

test("what failed comes first, with what it means and what to do", async () => {
  const text = await shown(
    {
      reports: [
        stored("calm", 0, []),
        stored("angry", 5, [
          failure({ reason: "X509_V_ERR_CERT_HAS_EXPIRED" }),
          failure({ sessions: 2, result: "starttls-not-supported", receivingIp: "192.0.2.1" }),
        ]),
        stored("angry", 1, [failure({ sessions: 1, sendingIp: "192.0.2.8" })], {
          beginsAt: Date.UTC(2026, 10, 27),
          endsAt: Date.UTC(2026, 10, 27, 1),
        }),
      ],
    },
    { about: "received" },
  );
  isNarrow(text);
  assert.equal(
    text.split("\n").slice(4).join("\n"),
    `example.org: 3 reports, 36 sessions, 6 failed
  angry: 2 reports, 26 sessions, 6 failed; from angry.example
    contact: tls@angry.example
    4 failed: certificate-expired at mx.example.org
      The certificate's time was over.
      To do: Renew it. The server reads tls.certificate again when the file
      changes.
      2026-11-26 to 2026-11-27; policy sts; sent from 192.0.2.7, 192.0.2.8
      They say: X509_V_ERR_CERT_HAS_EXPIRED
    2 failed: starttls-not-supported at mx.example.org
      The server offered no STARTTLS, or somebody on the way removed it.
      To do: See that [tls] is set and that mx.example.org leads to this
      server. If both are so, look for a firewall that rewrites SMTP.
      2026-11-26; policy sts; sent from 192.0.2.7; to 192.0.2.1
  calm: 1 report, 10 sessions, none failed; from calm.example`,
  );
  assert.match(text, /until senders are verified anybody can forge one/);
});

test("failures without details, and details that were not kept, are said to be so", async () => {
  const bare = await shown({ reports: [stored("bare", 7, [failure()])] });
  assert.match(bare, /^ {4}4 failed of which no details were given$/m);
  const [policy] = stored("many", 900, [failure()]).policies;
  assert.ok(policy !== undefined);
  const many = await shown({
    reports: [stored("many", 900, [], { policies: [{ ...policy, leftOut: 12 }] })],
  });
  assert.match(many, /^ {4}12 rarer details not kept, for there were too many$/m);
});

test("the domain with the most failures comes first", async () => {
  const text = await shown({
    reports: [
      stored("a", 1, [failure()], { domain: NET }),
      stored("a", 2, [failure()], { domain: OURS }),
    ],
  });
  assert.ok(text.indexOf("example.org:") < text.indexOf("example.net:"));
});

test("what strangers wrote lays out no page of ours", async () => {
  const hostile = "\u001b[2J\u202e\r\nexample.org: all is well";
  const text = await shown({
    reports: [
      stored(
        hostile,
        1,
        [
          failure({
            result: hostile,
            mx: hostile,
            sendingIp: hostile,
            receivingIp: hostile,
            reason: hostile,
            information: "x".repeat(200),
          }),
        ],
        { contact: hostile, from: `"${hostile}"@${hostile}` },
      ),
    ],
    results: [seen({ result: "validation-failure", mx: hostile, detail: hostile, ip: hostile })],
  });
  isNarrow(text);
  assert.doesNotMatch(text.replaceAll("\n", ""), /[\x00-\x1f\x7f\u202e]/);
  assert.doesNotMatch(text, /^\s*example\.org: all is well/m);
  assert.match(text, /A word that is newer than RFC 8460\./);
});

test("every result has words of its own, for both sides, that fit the terminal", async () => {
  for (const result of TLS_FAILURES) {
    const text = await shown({
      reports: [stored("a", 3, [failure({ result })])],
      results: [seen({ result, sessions: 1 })],
    });
    isNarrow(text);
    assert.doesNotMatch(text, /newer than RFC 8460|\{D\}|\{MX\}/, result);
    assert.match(text, /To do: .*\n[\s\S]*To do: /, result);
  }
});

test("what was seen when sending: failures, and the rest in a line", async () => {
  const results = [
    seen(),
    seen({ result: "certificate-host-mismatch", sessions: 2, detail: "for www.example.net" }),
    seen({
      result: "certificate-host-mismatch",
      sessions: 1,
      day: TODAY - 1,
      firstAt: NOW - 86_400_000,
      lastAt: NOW - 86_400_000,
      detail: "older",
    }),
    seen({ domain: domainOf("good.example"), policyType: "tlsa" }),
    seen({ domain: domainOf("fine.example") }),
    seen({ domain: domainOf("old.example"), day: TODAY - 7 }),
  ];
  const text = await shown({ results }, { about: "sent" });
  isNarrow(text);
  assert.equal(
    text.split("\n").slice(2).join("\n"),
    `example.net: 7 sessions, 3 failed; policy sts
  3 failed: certificate-host-mismatch at mx.example.net (192.0.2.25)
    The certificate was for another name than the server's.
    To do: This is theirs to mend: tell their postmaster.
    2026-11-27 to 2026-11-28; policy sts
    The last time: for www.example.net

2 other domains: 8 sessions, none failed`,
  );
  const one = await shown({ results }, { about: "sent", domain: domainOf("good.example") });
  assert.match(one, /^good\.example: 4 sessions, none failed; policy tlsa$/m);
});

test("nothing is said to be nothing, with what to publish", async () => {
  const text = await shown({}, { domain: OURS });
  isNarrow(text);
  assert.match(
    text,
    /^ {2}_smtp\._tls\.example\.org\. {2}TXT {2}"v=TLSRPTv1; rua=mailto:tls-reports@example\.org"$/m,
  );
  assert.match(text, /Nothing was seen/);
  assert.doesNotMatch(text, /waits to be collected/);
  assert.match(await shown({ waits: true }), /waits to be collected/);
});

test("more than a page is summed up, and JSON has the figures", async () => {
  const reports = Array.from({ length: 450 }, () => stored("busy", 1, [failure({ sessions: 1 })]));
  const results = Array.from({ length: 2500 }, () => seen());
  const json = JSON.parse(await shown({ reports, results }, {}, true)) as {
    days: number;
    received: { reports: number; failed: number }[];
    sent: { succeeded: number }[];
  }; // our own words
  assert.equal(json.days, 7);
  assert.deepEqual([json.received[0]?.reports, json.received[0]?.failed], [450, 450]);
  assert.equal(json.sent[0]?.succeeded, 10_000);
});
