/** Mail that reports a relay, in the forms in which mail programs and mailbox providers send it; names and addresses are our own. */

const CRLF = "\r\n";

/** A message as somebody has it who got it from a host, which got it from another one. */
export function sample(host: string, content = "Buy now!"): string {
  const literal = host.includes(":") ? `IPv6:${host}` : host;
  return [
    `Received: from relay.example (relay.example [${literal}])`,
    "\tby mx.reporter.example (Postfix) with ESMTPS id 4XyZ",
    "\tfor <joe@reporter.example>; Fri, 27 Nov 2026 10:00:00 +0000 (UTC)",
    "Received: from [198.18.0.1] by relay.example with SMTP; Fri, 27 Nov 2026 09:59:00 +0000",
    "From: <spam@spammer.example>",
    "Subject: an offer",
    "",
    content,
    "",
  ].join(CRLF);
}

const MULTIPART = (parameters: string): readonly string[] => [
  "From: Joe <joe@reporter.example>",
  "To: relays@local.example",
  "Subject: Fwd: an offer",
  "MIME-Version: 1.0",
  `Content-Type: ${parameters}; boundary="=_b1"`,
  "",
  "",
];

function multipart(parameters: string, parts: readonly string[]): string {
  const lines = parts.flatMap((part) => ["--=_b1", part]);
  return [...MULTIPART(parameters), ...lines, "--=_b1--", ""].join(CRLF);
}

const TEXT = ["Content-Type: text/plain", "", "This came through an open relay."].join(CRLF);

/** "Forward as attachment". */
export function forwarded(...samples: readonly string[]): string {
  const parts = samples.map((one) =>
    ["Content-Type: message/rfc822", "Content-Disposition: attachment", "", one].join(CRLF),
  );
  return multipart("multipart/mixed", [TEXT, ...parts]);
}

/** As some programs encode it, although RFC 2046 §5.2.1 has it otherwise. */
export function forwardedEncoded(octets: string): string {
  const base64 = Buffer.from(octets, "latin1").toString("base64").replaceAll(/.{76}/g, "$&\r\n");
  const part = ["Content-Type: message/rfc822", "Content-Transfer-Encoding: base64", "", base64];
  return multipart("multipart/mixed", [TEXT, part.join(CRLF)]);
}

/** RFC 5965 §2; `third`: the last part as it stands. */
export function feedback(
  fields: readonly string[],
  third: string = ["Content-Type: message/rfc822", "", sample("9.8.7.1")].join(CRLF),
): string {
  const second = ["Content-Type: message/feedback-report", "", ...fields].join(CRLF);
  return multipart('multipart/report; report-type="feedback-report"', [TEXT, second, third]);
}

/** As appendix B.1 of the RFC has them. */
export const ABUSE = [
  "Feedback-Type: abuse",
  "User-Agent: SomeGenerator/1.0",
  "Version: 1",
  "Received-Date: Fri, 27 Nov 2026 14:00:00 EDT",
];
