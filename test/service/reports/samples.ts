/** Reports in the shape in which real servers send them; names and figures are our own. */
import { gzipSync } from "node:zlib";

/** As RFC 8460 appendix B has it: two kinds of policy text, three failures, a URI in place of words. */
export const APPENDIX_B = {
  "organization-name": "Company-X",
  "date-range": {
    "start-datetime": "2026-11-20T00:00:00Z",
    "end-datetime": "2026-11-20T23:59:59Z",
  },
  "contact-info": "sts-reporting@company-x.example",
  "report-id": "5065427c-23d3-47ca-b6e0-946ea0e8c4be",
  policies: [
    {
      policy: {
        "policy-type": "sts",
        "policy-string": [
          "version: STSv1",
          "mode: testing",
          "mx: *.mail.local.example",
          "max_age: 86400",
        ],
        "policy-domain": "local.example",
        "mx-host": ["*.mail.local.example"],
      },
      summary: { "total-successful-session-count": 5326, "total-failure-session-count": 303 },
      "failure-details": [
        {
          "result-type": "certificate-expired",
          "sending-mta-ip": "2001:db8:abcd:0012::1",
          "receiving-mx-hostname": "mx1.mail.local.example",
          "failed-session-count": 100,
        },
        {
          "result-type": "starttls-not-supported",
          "sending-mta-ip": "2001:db8:abcd:0013::1",
          "receiving-mx-hostname": "mx2.mail.local.example",
          "receiving-ip": "203.0.113.56",
          "failed-session-count": 200,
          "additional-information": "https://reports.company-x.example/report_info?id=5065427c",
        },
        {
          "result-type": "validation-failure",
          "sending-mta-ip": "198.51.100.62",
          "receiving-ip": "203.0.113.58",
          "receiving-mx-hostname": "mx-backup.mail.local.example",
          "failed-session-count": 3,
          "failure-reason-code": "X509_V_ERR_PROXY_PATH_LENGTH_EXCEEDED",
        },
      ],
    },
  ],
};

/** As Google sends it: one line of JSON, `mx-host` a list, no failures. */
export const GOOGLE = {
  "organization-name": "Google Inc.",
  "date-range": {
    "start-datetime": "2026-11-26T00:00:00Z",
    "end-datetime": "2026-11-26T23:59:59Z",
  },
  "contact-info": "smtp-tls-reporting@google.com",
  "report-id": "2026-11-26T00:00:00Z_local.example",
  policies: [
    {
      policy: {
        "policy-type": "sts",
        "policy-string": [
          "version: STSv1",
          "mode: enforce",
          "mx: mx.local.example",
          "max_age: 604800",
        ],
        "policy-domain": "local.example",
        "mx-host": ["mx.local.example"],
      },
      summary: { "total-successful-session-count": 41, "total-failure-session-count": 0 },
    },
  ],
};

/** As Microsoft sends it: no `mx-host`, an empty list where nothing failed, two policies. */
export const MICROSOFT = {
  "organization-name": "Microsoft Corporation",
  "date-range": {
    "start-datetime": "2026-11-26T00:00:00Z",
    "end-datetime": "2026-11-26T23:59:59Z",
  },
  "contact-info": "tlsrpt-noreply@microsoft.com",
  "report-id": "134085312000000000+local.example",
  policies: [
    {
      policy: {
        "policy-type": "sts",
        "policy-string": [
          "version: STSv1",
          "mode: enforce",
          "mx: mx.local.example",
          "max_age: 604800",
        ],
        "policy-domain": "local.example",
      },
      summary: { "total-successful-session-count": 17, "total-failure-session-count": 2 },
      "failure-details": [
        {
          "result-type": "sts-webpki-invalid",
          "receiving-mx-hostname": "mx.local.example",
          "failed-session-count": 2,
          "failure-reason-code": "CertificateExpired",
        },
      ],
    },
    {
      policy: { "policy-type": "tlsa", "policy-string": [], "policy-domain": "local.example" },
      summary: { "total-successful-session-count": 5, "total-failure-session-count": 0 },
      "failure-details": [],
    },
  ],
};

const NAME = "google.com!local.example!1795651200!1795737599!001.json";

function wrapped(octets: Uint8Array): string {
  return Buffer.from(octets).toString("base64").replaceAll(/.{76}/g, "$&\r\n");
}

/** multipart/report with a gzip part, its header fields folded as Google folds them. */
export function gzipMail(report: unknown, type = "application/tlsrpt+gzip"): string {
  return [
    "From: noreply-smtp-tls-reporting@google.com",
    "To: tls-reports@local.example",
    "Subject: Report Domain: local.example Submitter: google.com",
    " Report-ID: <2026.11.26T00.00.00Z+local.example@google.com>",
    "TLS-Report-Domain: local.example",
    "TLS-Report-Submitter: google.com",
    "MIME-Version: 1.0",
    'Content-Type: multipart/report; boundary="00000000000046ee08";',
    '\treport-type="tlsrpt"',
    "",
    "--00000000000046ee08",
    'Content-Type: text/plain; charset="UTF-8"; format=flowed; delsp=yes',
    "",
    "This is an aggregate TLS report from google.com",
    "",
    "--00000000000046ee08",
    `Content-Type: ${type};`,
    ` name="${NAME}.gz"`,
    "Content-Disposition: attachment;",
    `\tfilename="${NAME}.gz"`,
    "Content-Transfer-Encoding: base64",
    "",
    wrapped(gzipSync(typeof report === "string" ? report : JSON.stringify(report))),
    "--00000000000046ee08--",
    "",
  ].join("\r\n");
}

/** multipart/report with JSON as it is, indented. */
export function jsonMail(report: unknown, type = "application/tlsrpt+json"): string {
  return [
    "From: <tlsrpt-noreply@company-x.example>",
    "MIME-Version: 1.0",
    "Content-Type: multipart/report; report-type=tlsrpt; boundary=b1",
    "",
    "This is a message in MIME format.",
    "--b1",
    "Content-Type: text/plain; charset=us-ascii",
    "",
    "This is an aggregate TLS report.",
    "--b1",
    `Content-Type: ${type}`,
    "Content-Transfer-Encoding: 8bit",
    `Content-Disposition: attachment; filename*=UTF-8''${NAME}`,
    "",
    typeof report === "string" ? report : JSON.stringify(report, null, 2).replaceAll("\n", "\r\n"),
    "--b1--",
    "",
  ].join("\r\n");
}
