/** sendmail's options as programs write them, and what is made of them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readOptions, type SendmailCall } from "../../../src/operate/sendmail/index.ts";

const NOTHING: SendmailCall = {
  recipients: [],
  fromHeader: false,
  ignoreDots: false,
  verbose: false,
};

const READ: readonly (readonly [string, Partial<SendmailCall>])[] = [
  ["", {}],
  ["-t -i", { fromHeader: true, ignoreDots: true }], // PHP
  ["-ti", { fromHeader: true, ignoreDots: true }],
  [
    "-FCronDaemon -i -B8BITMIME -oem root",
    { name: "CronDaemon", ignoreDots: true, recipients: ["root"] },
  ], // cron
  ["-i -- a@example.net -b", { ignoreDots: true, recipients: ["a@example.net", "-b"] }], // mailx
  ["-oi -oem -oee -odb -om -bm a@example.net", { ignoreDots: true, recipients: ["a@example.net"] }],
  ["-O DeliveryMode=b -h 3 -L tag -p ESMTP -X /tmp/log -C /etc/mail.cf -n -m -G -U -Am", {}],
  ["-f ann@example.org x", { sender: "ann@example.org", recipients: ["x"] }],
  ["-fann@example.org -t", { sender: "ann@example.org", fromHeader: true }],
  ["-rann@example.org", { sender: "ann@example.org" }],
  [
    "a@example.net -v b@example.net",
    { recipients: ["a@example.net", "b@example.net"], verbose: true },
  ],
  [
    "-N success,FAILURE -R hdrs -V QQ1",
    { notify: ["SUCCESS", "FAILURE"], ret: "HDRS", envid: "QQ1" },
  ],
  ["-Nnever -Rfull", { notify: ["NEVER"], ret: "FULL" }],
  ["--login-file /a/b -t", { loginFile: "/a/b", fromHeader: true }],
  ["--login-file=/a/b", { loginFile: "/a/b" }],
];
for (const [words, call] of READ)
  test(`sendmail ${words}`, () => {
    const args = words === "" ? [] : words.split(" ");
    assert.deepEqual(readOptions(args), { ...NOTHING, ...call });
  });

test("an empty sender is one, and a word of its own", () => {
  assert.deepEqual(readOptions(["-f", "", "-t"]), { ...NOTHING, sender: "", fromHeader: true });
});

const ANSWERED: readonly (readonly [string, RegExp])[] = [
  ["-q", /there is no queue here/],
  ["-q30m", /there is no queue here/],
  ["-bp", /gatepost queue list/],
  ["-bi", /no aliases here/],
  ["-bd", /no server/],
  ["-bs", /not for this program/],
  ["-z", /no option -z/],
  ["--to x", /no option --to/],
  ["-f", /-f wants a value/],
  ["--login-file", /wants a file/],
  ["--login-files x", /wants a file/],
  ["-N sometimes", /expected never, or some of/],
  ["-N never,failure", /expected never, or some of/],
  ["-R some", /expected full or hdrs/],
];
for (const [words, form] of ANSWERED)
  test(`sendmail ${words} is answered`, () => {
    const answer = readOptions(words.split(" "));
    assert.ok(typeof answer === "string");
    assert.match(answer, form);
  });
