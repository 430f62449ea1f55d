/**
 * Messages to send: every size and kind of content that a program may mangle, the same in every run. All
 * lines end in CR LF and none is longer than 998 octets (RFC 5321 §4.5.3.1.6).
 */

export const KIB = 1024;
export const MIB = 1024 * KIB;

export type Content = "ascii" | "8-bit" | "utf-8";

export interface MessageOptions {
  readonly from?: string;
  readonly to?: string;
  readonly content?: Content;
  /** Octets of the body, reached to within one line of 998. */
  readonly bytes: number;
}

/** A whole message, header and body, its end a line end. */
export function makeMessage(subject: string, options: MessageOptions): Buffer {
  const { from = "sender@remote.example", to = "user@local.example", content = "ascii" } = options;
  const header = [
    `From: <${from}>`,
    `To: <${to}>`,
    `Subject: ${subject}`,
    "Date: Tue, 01 Sep 2026 12:00:00 +0000",
    `Message-ID: <${subject.replaceAll(/\W/g, "-")}@remote.example>`,
    "MIME-Version: 1.0",
    `Content-Type: text/plain; charset=${CHARSETS[content]}`,
    `Content-Transfer-Encoding: ${content === "ascii" ? "7bit" : "8bit"}`,
    "",
    "",
  ].join("\r\n");
  return Buffer.concat([Buffer.from(header), body(content, options.bytes)]);
}

const CHARSETS = { ascii: "us-ascii", "8-bit": "iso-8859-1", "utf-8": "utf-8" } as const;

/** What dot stuffing, line ends and length limits go wrong on, then ordinary lines up to the size. */
function body(content: Content, bytes: number): Buffer {
  const lines = [
    ".",
    "..",
    ".dot",
    "...",
    "",
    "",
    " .",
    "From here on",
    "x".repeat(998),
    ".".repeat(998),
  ];
  const parts = lines.map((text) => Buffer.from(`${text}\r\n`));
  const random = randomNumbers(bytes);
  let length = parts.reduce((sum, part) => sum + part.length, 0);
  while (length < bytes) {
    const part = LINES[content](random);
    parts.push(part);
    length += part.length;
  }
  return Buffer.concat(parts);
}

type Random = (below: number) => number;

const LINES: Record<Content, (random: Random) => Buffer<ArrayBuffer>> = {
  ascii: (random) => makeLine(random, () => 32 + random(95)),
  "8-bit": (random) => makeLine(random, () => 160 + random(96)),
  "utf-8": (random) => {
    const letters = Array.from({ length: random(240) }, () => UTF8[random(UTF8.length)] ?? "");
    return Buffer.from(`${letters.join("")}\r\n`);
  },
};

const UTF8 = ["a", "b", "c", ".", " ", "z", "ß", "€", "漢", "字", "é", "\u{1F4EE}"];

/** One line of 2 to 998 octets and CR LF; every fourth begins with a dot, none ends in a blank. */
function makeLine(random: Random, octet: () => number): Buffer<ArrayBuffer> {
  const made = Buffer.alloc(4 + random(997));
  for (let at = 0; at < made.length - 3; at++) made[at] = octet();
  if (random(4) === 0) made.write(".");
  made.write("x\r\n", made.length - 3);
  return made;
}

/** The same numbers in every run (a linear congruential generator). */
function randomNumbers(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Tells messages of these tests apart, with either line end. */
export function subjectOf(message: Buffer): string {
  return /^Subject: (.*?)\r?$/m.exec(message.toString("latin1"))?.[1] ?? "";
}

/** With Unix line ends, as programs read and write files. */
export function unixLines(message: Buffer): Buffer {
  return Buffer.from(message.toString("latin1").replaceAll("\r\n", "\n"), "latin1");
}

/** With CR LF again, for what a program wrote with Unix line ends. */
export function networkLines(message: Buffer): Buffer {
  return Buffer.from(message.toString("latin1").replaceAll("\n", "\r\n"), "latin1");
}

/** As it goes over the wire in DATA: dots stuffed (RFC 5321 §4.5.2), without the end mark's own line. */
export function stuffed(message: Buffer): Buffer {
  return Buffer.from(message.toString("latin1").replaceAll(/^\./gm, ".."), "latin1");
}
