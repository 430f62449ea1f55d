/** Reports to build: one for each thing that can happen, by name. */
import {
  messageId,
  parseAddress,
  parseDomain,
  sessionId,
  status,
  type Address,
  type Domain,
  type MessageId,
} from "../../../src/mail/index.ts";
import type { Report, ReportedRecipient } from "../../../src/protocol/dsn/index.ts";

export function address(text: string): Address {
  const read = parseAddress(text);
  if (typeof read === "string") throw new Error(`${text}: ${read}`);
  return read;
}

function domain(text: string): Domain {
  const read = parseDomain(text);
  if (read === undefined) throw new Error(`${text} is no domain`);
  return read;
}

function id(octet: number): MessageId {
  return messageId(sessionId(new Uint8Array(12).fill(octet)), 1);
}

const NOON = Date.UTC(2026, 10, 24, 12, 0, 0);
const MINUTE = 60_000;
const DAY = 86_400_000;

export const HEADER_SECTION = [
  "Received: from laptop.local.example ([192.0.2.7])",
  "\tby mx.local.example with ESMTPSA id 777777777777-1;",
  "\tTue, 24 Nov 2026 12:00:00 +0000",
  'From: "Ada" <ada@local.example>',
  "To: anna@foreign.example",
  "Subject: Figures of the last quarter",
  "Date: Tue, 24 Nov 2026 11:59:58 +0000",
  "Message-ID: <1@laptop.local.example>",
  "MIME-Version: 1.0",
  "Content-Type: text/plain; charset=utf-8",
  "",
  "",
].join("\r\n");

export const NO_MAILBOX: ReportedRecipient = {
  action: "failed",
  finalRecipient: address("anna@foreign.example"),
  originalRecipient: { type: "rfc822", address: "anna@foreign.example" },
  status: status(550, "5.1.1", "user unknown", "remote"),
  lastAttempt: {
    at: NOON + 2000,
    status: status(550, "5.1.1", "user unknown", "remote"),
    remote: {
      host: "mail.foreign.example",
      words: [
        "550-5.1.1 <anna@foreign.example>: Recipient address rejected:",
        "550 5.1.1 User unknown in virtual mailbox table",
      ],
    },
  },
};

export const TIME_RAN_OUT: ReportedRecipient = {
  action: "failed",
  finalRecipient: address("bert@silent.example"),
  status: status(554, "5.4.7", "delivery time expired", "service/queue"),
  lastAttempt: {
    at: NOON + 5 * DAY,
    status: status(451, "4.4.1", "no answer from mail.silent.example [192.0.2.99]:25", "delivery"),
  },
};

export const STILL_TRYING: ReportedRecipient = {
  action: "delayed",
  finalRecipient: address("carla@busy.example"),
  status: status(451, "4.2.2", "mailbox full", "remote"),
  lastAttempt: {
    at: NOON + 240 * MINUTE,
    status: status(452, "4.2.2", "mailbox full", "remote"),
    remote: { host: "192.0.2.80", words: ["452 4.2.2 Over quota, try later"] },
  },
  retryUntil: NOON + 5 * DAY,
};

export const FULL_HERE: ReportedRecipient = {
  action: "failed",
  finalRecipient: address("emil@local.example"),
  originalRecipient: { type: "rfc822", address: "team@local.example" },
  status: status(552, "5.2.2", "mailbox is full", "store"),
};

export const DELIVERED: ReportedRecipient = {
  action: "delivered",
  finalRecipient: address("emil@local.example"),
  status: status(250, "2.1.5", "delivered", "store"),
};

const RELAYED: ReportedRecipient = {
  action: "relayed",
  finalRecipient: address("anna@foreign.example"),
  originalRecipient: { type: "rfc822", address: "anna@foreign.example" },
  status: status(250, "2.0.0", "queued", "remote"),
  lastAttempt: {
    at: NOON + 2000,
    status: status(250, "2.0.0", "queued", "remote"),
    remote: { host: "mail.foreign.example", words: ["250 2.0.0 Ok: queued as 4C2F"] },
  },
};

const INTERNATIONAL: ReportedRecipient = {
  action: "failed",
  finalRecipient: address("jörg@xn--bcher-kva.example"),
  originalRecipient: { type: "utf-8", address: "jörg@bücher.example" },
  status: status(550, "5.1.1", "unbekannt", "remote"),
  lastAttempt: {
    at: NOON + 2000,
    status: status(550, "5.1.1", "unbekannt", "remote"),
    remote: { host: "mx.xn--bcher-kva.example", words: ["550 5.1.1 Empfänger jörg unbekannt"] },
  },
};

/** The report of one failure, changed where a case needs it. */
export function report(
  change: Partial<Report> = {},
  original: Partial<Report["original"]> = {},
): Report {
  return {
    hostname: domain("mx.local.example"),
    postmaster: address("postmaster@local.example"),
    to: address("ada@local.example"),
    at: NOON + 3000,
    id: id(8),
    entropy: new Uint8Array(16).fill(0xab),
    recipients: [NO_MAILBOX],
    ...change,
    original: {
      id: id(7),
      arrivedAt: NOON,
      smtputf8: false,
      body: "7BIT",
      headerSection: Buffer.from(HEADER_SECTION),
      ...original,
    },
  };
}

const INTERNATIONAL_HEADER = Buffer.from(
  HEADER_SECTION.replace("Figures of the last quarter", "Zahlen für Jörg").replace(
    '"Ada"',
    '"Ädä"',
  ),
);

/** Each has a fixed example, named after it. */
export const REPORTS: Readonly<Record<string, Report>> = {
  "no-such-mailbox": report(),
  "time-ran-out": report({ at: NOON + 5 * DAY, recipients: [TIME_RAN_OUT] }),
  delayed: report({ at: NOON + 240 * MINUTE, recipients: [STILL_TRYING] }),
  "several-recipients": report(
    { at: NOON + 240 * MINUTE, recipients: [DELIVERED, STILL_TRYING, NO_MAILBOX, FULL_HERE] },
    { envelopeId: "invoice 17+4=21" },
  ),
  expanded: report({
    recipients: [
      { ...DELIVERED, action: "expanded", finalRecipient: address("list@local.example") },
    ],
  }),
  relayed: report({ recipients: [RELAYED] }),
  "whole-message": report({}, { returned: "FULL" }),
  "whole-message-8-bit": report({}, { returned: "FULL", body: "8BITMIME" }),
  "whole-message-international": report(
    { to: address("ädä@local.example"), recipients: [INTERNATIONAL] },
    { returned: "FULL", smtputf8: true, body: "8BITMIME", headerSection: INTERNATIONAL_HEADER },
  ),
  international: report(
    { to: address("ädä@local.example"), recipients: [INTERNATIONAL] },
    { smtputf8: true, headerSection: INTERNATIONAL_HEADER },
  ),
  /** The sender cannot read UTF-8; an alias led to an address that has it. */
  "international-address-in-ascii": report({ recipients: [INTERNATIONAL] }),
};
