/** Messages that are hard to sign, each with the octets that a client may hand in. */

const FROM = "From: Ann <ann@example.org>\r\n";
const LONG = "x".repeat(3000);
const LONG_WORDS = "word  and\tword ".repeat(300);

/** No UTF-8 at all. */
const OCTETS = Buffer.concat([
  Buffer.from(`${FROM}Subject: `),
  Uint8Array.from({ length: 128 }, (_, i) => i + 128),
  Buffer.from("\r\n\r\n"),
  Uint8Array.from({ length: 1024 }, (_, i) => ((i % 4) << 6) + 32 + (i % 32)),
  Buffer.from("\r\n"),
]);

export const HOSTILE: ReadonlyMap<string, Uint8Array> = new Map(
  Object.entries({
    "an empty body": `${FROM}\r\n`,
    "no body at all": FROM,
    "nothing but empty lines": `${FROM}\r\n\r\n\r\n\r\n`,
    "nothing but blanks": `${FROM}\r\n  \t \r\n \r\n`,
    "blanks without a line end": `${FROM}\r\n  \t`,
    "no line end at the end": `${FROM}\r\nHello`,
    "a blank before the end": `${FROM}\r\nHello `,
    "empty lines at the end": `${FROM}\r\nHello\r\n\r\n\r\n \r\n`,
    "blanks everywhere": `${FROM}\r\n a \t b\t\r\n\r\n  c  \r\nd`,
    "lines that begin with a dot": `${FROM}\r\n.\r\n..\r\n.a\r\n`,
    "folded fields": `${FROM}Subject: one\r\n two\r\n\tthree  \r\n\t four\r\nTo:\r\n b@abroad.example\r\n\r\nHi\r\n`,
    "empty fields": `${FROM}Subject:\r\nTo: \r\nCc:\t \r\n \r\n\r\nHi\r\n`,
    "fields in other letters, blanks before the colon": `FROM : Ann <ann@example.org>\r\nsubject\t: Hi\r\nmime-VERSION: 1.0\r\n\r\nHi\r\n`,
    "fields twice and three times": `To: a@abroad.example\r\n${FROM}Subject: one\r\nTo: b@abroad.example\r\nSubject: two\r\nTo: c@abroad.example\r\n\r\nHi\r\n`,
    "signatures of others": `DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=x; h=From; bh=eA==; b=eA==\r\n${FROM}List-Id: <l.example.org>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n\r\nHi\r\n`,
    "UTF-8 in header and body": `From: Änn <ann@example.org>\r\nSubject: Grüße an 世界 \r\n\r\nGrüße  世界\u00a0 \r\n`,
    "a body line of 3000 octets without a blank": `${FROM}\r\n${LONG}\r\n`,
    "a body line of 3000 octets that is the last": `${FROM}\r\n${LONG}`,
    "a body line of many words": `${FROM}\r\n${LONG_WORDS}\r\nend`,
    "a subject of 3000 octets without a blank": `${FROM}Subject: ${LONG}\r\n\r\nHi\r\n`,
    "a subject of many words": `${FROM}Subject: ${LONG_WORDS}\r\n\r\nHi\r\n`,
    "a body line of 998 octets, and one of 999": `${FROM}\r\n${"y".repeat(998)}\r\n${"z".repeat(999)}\r\n`,
    "octets that are no text": OCTETS,
  }).map(([name, text]) => [name, Buffer.from(text)]),
);
