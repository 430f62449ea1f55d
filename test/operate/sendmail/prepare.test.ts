/** From what a program writes to what is submitted: lines, recipients, and the few fields that change. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  formatAddress,
  formatReversePath,
  parseAddress,
  type Address,
} from "../../../src/mail/index.ts";
import {
  EXITS,
  MESSAGE_LIMIT,
  MessageInput,
  prepare,
  readOptions,
  type OwnAddresses,
  type Submission,
  type Unprepared,
} from "../../../src/operate/sendmail/index.ts";

const OWN: OwnAddresses = { from: addressOf("ann@example.org") };

function addressOf(text: string): Address {
  const address = parseAddress(text);
  assert.ok(typeof address !== "string", text);
  return address;
}

/** What is read of standard input, in pieces of a size. */
function read(text: string, ignoreDots = false, size = 1000): string {
  const input = new MessageInput(ignoreDots);
  const octets = Buffer.from(text, "latin1");
  for (let at = 0; at < octets.length; at += size)
    if (!input.push(octets.subarray(at, at + size))) break;
  return Buffer.from(input.message() ?? assert.fail()).toString("latin1");
}

function tryPrepare(args: string, message: string, own = OWN): Submission | Unprepared {
  const call = readOptions(args.split(" ").filter((arg) => arg !== ""));
  assert.ok(typeof call !== "string");
  return prepare(call, Buffer.from(read(message, call.ignoreDots), "latin1"), own);
}

function prepared(args: string, message: string, own = OWN): Submission {
  const result = tryPrepare(args, message, own);
  assert.ok(!("problem" in result), JSON.stringify(result));
  return result;
}

function recipients(args: string, message: string, own = OWN): string {
  return prepared(args, message, own).recipients.map(formatAddress).join(" ");
}

function sent(args: string, message: string): string {
  return Buffer.from(prepared(args, message).content).toString("latin1");
}

// ---- Lines ----

test("lines end with CRLF, however they came", () => {
  const whole = "a: b\r\n\r\nc\r\nd\r\n";
  for (const text of ["a: b\n\nc\nd\n", "a: b\r\n\r\nc\r\nd", "a: b\r\r\n\r\nc\nd\r\r\n", whole])
    for (const size of [1, 2, 3, 100]) assert.equal(read(text, false, size), whole);
  assert.equal(read(""), "");
});

test("a CR inside a line is a blank, and begins no field", () => {
  assert.equal(
    read("Subject: x\rBcc: victim@example.net\n\ny"),
    "Subject: x Bcc: victim@example.net\r\n\r\ny\r\n",
  );
});

test("a line with nothing but a dot ends the message, unless dots are ignored", () => {
  for (const dot of ["\n.\n", "\n.\r\n"])
    for (const size of [1, 2, 3, 4, 5, 100]) {
      assert.equal(read(`a${dot}b\n`, false, size), "a\r\n");
      assert.equal(read(`a${dot}b\n`, true, size), "a\r\n.\r\nb\r\n");
    }
  assert.equal(read(".\nrest"), "");
  assert.equal(read("a\n..\n. \n.b\nb."), "a\r\n..\r\n. \r\n.b\r\nb.\r\n");
});

test("nothing more is read behind the dot, nor beyond the limit", () => {
  const input = new MessageInput(false);
  assert.equal(input.push(Buffer.from("a\n.")), true);
  assert.equal(input.push(Buffer.from("\n")), false);
  const large = new MessageInput(true);
  const piece = new Uint8Array(MESSAGE_LIMIT / 4);
  for (let i = 0; i < 4; i++) assert.equal(large.push(piece), true);
  large.push(new Uint8Array(1));
  assert.equal(large.push(piece), false);
  assert.equal(large.message(), undefined);
});

// ---- Recipients ----

const HEADER = `To: Bob <bob@example.net>, "Doe, Jane" <jane@example.net> (work, (really)),
 plain@example.com
Cc: friends: one@example.net, two@example.net;
Bcc: secret@example.net
Subject: x

text
`;

test("they are those of the command line, and with -t those of the header too; each once", () => {
  assert.equal(
    recipients("a@example.net b@example.net,c@example.net", HEADER),
    "a@example.net b@example.net c@example.net",
  );
  const all =
    "bob@example.net jane@example.net plain@example.com one@example.net two@example.net secret@example.net";
  assert.equal(recipients("-t", HEADER), all);
  assert.equal(
    recipients("-t bob@example.net extra@example.net", HEADER),
    `bob@example.net extra@example.net ${all.slice(16)}`,
  );
});

test("what scripts write in To is understood, and what is no address is not guessed at", () => {
  const understood: readonly (readonly [string, string])[] = [
    ["a@b.example", "a@b.example"],
    ["<a@b.example>", "a@b.example"],
    ["John Q. Public <a@b.example>", "a@b.example"],
    ["other@c.example <a@b.example>", "a@b.example"],
    ["a@b.example (a comment, with a comma)", "a@b.example"],
    ['"<not@c.example>" <a@b.example>', "a@b.example"],
    ['"a b"@b.example', '"a b"@b.example'],
    ["a@b.example; c@d.example", "a@b.example c@d.example"],
    [" , a@b.example,, ", "a@b.example"],
    ["a@[IPv6:2001:db8::1]", "a@[IPv6:2001:db8::1]"],
  ];
  for (const [to, expected] of understood)
    assert.equal(recipients("-t", `To: ${to}\n\nx`), expected, to);
  for (const to of [
    "a@",
    "@b.example",
    "a b@c.example",
    "<a@b.example",
    "a@b@c.example",
    "<>",
    'a@b.example, "c',
    "(a@b.example",
  ]) {
    const result = tryPrepare("-t", `To: ${to}\n\nx`);
    assert.ok("problem" in result, to);
    assert.equal(result.exit, EXITS.data, to);
  }
});

test("a name without a domain is of the login's domain, or its mail goes where all of that does", () => {
  assert.equal(recipients("root", "x"), "root@example.org");
  const localMail = addressOf("admin@example.org");
  assert.equal(recipients("root www-data", "x", { ...OWN, localMail }), "admin@example.org");
});

test("nobody is an error of the call", () => {
  for (const [args, message] of [
    ["", "x"],
    ["-t", "Subject: x\n\nTo: a@example.net"],
    ["-t", "To: undisclosed-recipients:;\n\nx"],
  ] as const) {
    const result = tryPrepare(args, message);
    assert.ok("problem" in result);
    assert.equal(result.exit, EXITS.usage);
  }
});

// ---- Sender ----

test("the sender is the login's own, or the one that was named; a user of this machine is none", () => {
  const sender = (args: string) =>
    formatReversePath(prepared(`${args} b@example.net`, "x").reversePath);
  assert.equal(sender(""), "<ann@example.org>");
  assert.equal(sender("-f eve@example.com"), "<eve@example.com>");
  assert.equal(sender("-f <eve@example.com>"), "<eve@example.com>");
  assert.equal(sender("-f <>"), "<>");
  assert.equal(sender("-f www-data"), "<ann@example.org>");
  const result = tryPrepare("-f a@b@c x@example.net", "x");
  assert.ok("problem" in result);
  assert.equal(result.exit, EXITS.usage);
});

// ---- The header section ----

const TO_BOB = "bob@example.net";

test("a message that is whole changes by nothing but Bcc", () => {
  const whole = "From: Eve <eve@example.com>\r\nTo: x@example.net\r\n\r\nBcc: in the text\r\n";
  assert.equal(sent(TO_BOB, `Bcc: a@example.net,\n b@example.net\n${whole}`), whole);
});

test("From is made where there is none, or where it names a user of this machine", () => {
  const made: readonly (readonly [string, string, string])[] = [
    ["", "Subject: x\n\ny", "From: ann@example.org\r\nSubject: x\r\n\r\ny\r\n"],
    [
      "-FCronDaemon",
      "Subject: x\n\ny",
      'From: "CronDaemon"\r\n <ann@example.org>\r\nSubject: x\r\n\r\ny\r\n',
    ],
    [
      "",
      "From: root (Cron Daemon)\n\ny",
      'From: "root (Cron Daemon)"\r\n <ann@example.org>\r\n\r\ny\r\n',
    ],
    [
      "",
      'To: x\nFrom: "(Cron Daemon)" <root>\n\ny',
      'From: "(Cron Daemon) root"\r\n <ann@example.org>\r\nTo: x\r\n\r\ny\r\n',
    ],
  ];
  for (const [args, message, expected] of made)
    assert.equal(sent(`${args} ${TO_BOB}`, message), expected);
  const two = "From: root\r\nFrom: eve@example.com\r\n\r\n";
  assert.equal(sent(TO_BOB, two), two, "what is ambiguous is left for the server to judge");
});

test("a name that is not ASCII is encoded, in words of at most 75 octets", () => {
  const call = readOptions(["-F", "Grüße vom Gemüsehändler €", TO_BOB]);
  assert.ok(typeof call !== "string");
  const result = prepare(call, Buffer.from("\r\nx\r\n"), OWN);
  assert.ok(!("problem" in result));
  const [, field = ""] =
    /^From: ([^]*?)\r\n <ann@example\.org>\r\n\r\nx\r\n$/.exec(
      Buffer.from(result.content).toString(),
    ) ?? [];
  const words = field.split("\r\n ");
  assert.ok(words.length > 1 && words.every((word) => word.length <= 75));
  const texts = words.map((word) => Buffer.from(word.slice(10, -2), "base64").toString());
  assert.equal(texts.join(""), "Grüße vom Gemüsehändler €");
});

test("a text without fields gets an empty line before it; a line of mbox goes", () => {
  const from = "From: ann@example.org\r\n";
  assert.equal(sent(TO_BOB, "hello\nworld"), `${from}\r\nhello\r\nworld\r\n`);
  assert.equal(
    sent(TO_BOB, "Subject: x\nno field\nBcc: y"),
    `${from}Subject: x\r\n\r\nno field\r\nBcc: y\r\n`,
  );
  assert.equal(sent(TO_BOB, " a\nb"), `${from}\r\n a\r\nb\r\n`);
  assert.equal(
    sent(TO_BOB, "From root Sat Nov 28\nSubject: x\n\ny"),
    `${from}Subject: x\r\n\r\ny\r\n`,
  );
  assert.equal(sent(TO_BOB, ""), `${from}\r\n`);
  assert.equal(sent(TO_BOB, "Subject: x\n"), `${from}Subject: x\r\n\r\n`);
});

test("the body is called 8BITMIME where it is, and what was asked of reports goes along", () => {
  assert.equal(prepared(TO_BOB, "x").body, "7BIT");
  assert.equal(prepared(TO_BOB, "\xe9").body, "8BITMIME");
  const { notify, ret, envid } = prepared(`-N delay -R full -V id ${TO_BOB}`, "x");
  assert.deepEqual({ notify, ret, envid }, { notify: ["DELAY"], ret: "FULL", envid: "id" });
});
