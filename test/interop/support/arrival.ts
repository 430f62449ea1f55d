/** That a message came through byte for byte, behind the fields which a receiving server puts on top. */
import assert from "node:assert/strict";

/** A field that servers on the way, and the one that signs, put before the message, with its continuation lines. */
const TRACE = /^(?:(?:Return-Path|Received|DKIM-Signature):.*\r\n(?:[ \t].*\r\n)*)+$/i;

/** Returns the trace fields of the arrived message, after checking all the rest of it against what was sent. */
export function assertArrived(arrived: Buffer, sent: Buffer): string {
  const start = arrived.length - sent.length;
  assert.ok(start > 0, `${arrived.length} octets arrived of ${sent.length}`);
  assertSame(arrived.subarray(start), sent);
  const trace = arrived.subarray(0, start).toString("latin1");
  assert.match(trace, TRACE);
  assert.match(trace, /^Return-Path:/i);
  return trace;
}

/** Both the same to the last octet; says where they part, for a diff of two long buffers helps nobody. */
export function assertSame(arrived: Buffer, sent: Buffer): void {
  if (arrived.equals(sent)) return;
  let at = 0;
  while (at < sent.length && arrived[at] === sent[at]) at++;
  const around = (text: Buffer) =>
    JSON.stringify(text.subarray(Math.max(0, at - 40), at + 40).toString());
  assert.fail(`differs at octet ${at}: arrived ${around(arrived)}, sent ${around(sent)}`);
}
