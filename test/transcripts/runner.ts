/**
 * Transcripts: conversations written down, run against an engine and its scripted desk. A file has three
 * sections, parted by lines `----`:
 *
 *     # What it shows. Lines with "#" are comments, here and in the dialogue.
 *     set hostname mx.local.example            a setting of the engine or the desk; the area says which exist
 *     set cut never                            turns come whole: what arrives together is what it is about
 *     rule recipient <t@foreign.example> = 550 5.7.1 relaying denied
 *                                              the desk's answer to an ask whose record line is, or begins
 *                                              with, these words; the first rule that fits counts
 *     ----
 *     S: 220 mx.local.example ESMTP Gatepost   what the server says, a line each
 *     C: EHLO client.example                   what the client says; CRLF is added
 *     C: bare\n\                               escapes: \r \n \t \0 \\ \xNN, \{100:text} repeats, and a lone
 *                                              backslash at the end leaves out the CRLF
 *     TLS                                      the client finishes its handshake
 *     TIMEOUT  SHUTDOWN  HANGUP  PAUSE         silence was too long; the server stops; the client leaves; nothing
 *     CLOSED                                   the server closed the connection
 *     ----
 *     ask recipient <t@foreign.example>        what the engine asked and told its desk, in order
 *     | Subject: hello                         content, shown when the next ask comes; escapes as above
 *     tell ended quit
 *
 * Client lines that follow each other are sent together: one turn. Client lines or an event before any server
 * line come before the server has been told to greet. A conversation still open at its end is hung up.
 *
 * An area whose engine is a client swaps the letters: "S: " lines are written for the other side, "C: " lines are what the
 * engine says, TLS is the server's end of the handshake, HANGUP the server's leaving, CLOSED the client's.
 *
 * Each file runs with whole turns, octet by octet, and cut at each position (a sample of long ones), with a
 * desk that answers at once and one that answers late, and over a slow wire; all must give what is written.
 * UPDATE=1 rewrites the expectations instead, for review.
 *
 * `runTranscripts(folder, area)` registers a folder's files as tests. For other ways to run the same files
 * (a real socket): `readTranscript`, `ScriptedDesk`, and `turns` of a transcript with their octets and texts.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { play, MANNERS, cutAt, type Manner } from "./player.ts";
import type { Area } from "./scripted-desk.ts";
import { formatTranscript, parseTranscript, type Roles, type Transcript } from "./transcript.ts";

export { ScriptedDesk, type Area } from "./scripted-desk.ts";
export { CLIENT_ENGINE } from "./transcript.ts";
export type { Event, Roles, Setup, Transcript, Turn } from "./transcript.ts";

/** Cuts tried in one file. */
const CUTS = 200;

/** Full paths of the transcripts in a folder below test/transcripts, in alphabetical order. */
export function transcriptFiles(folder: string): readonly string[] {
  const directory = join(import.meta.dirname, folder);
  const names = readdirSync(directory).filter((name) => name.endsWith(".txt"));
  return names.toSorted().map((name) => join(directory, name));
}

export function readTranscript(file: string, roles?: Roles): Transcript {
  return parseTranscript(readFileSync(file, "utf8"), roles);
}

/** Registers a test for each transcript of the folder. */
export function runTranscripts<Ask, Tell, Answer>(
  folder: string,
  area: Area<Ask, Tell, Answer>,
): void {
  for (const file of transcriptFiles(folder)) {
    const name = file.slice(import.meta.dirname.length + 1);
    test(name, () => {
      const transcript = readTranscript(file, area.roles);
      if (process.env["UPDATE"] === "1") update(file, transcript, area);
      else check(transcript, area);
    });
  }
}

function update<Ask, Tell, Answer>(
  file: string,
  transcript: Transcript,
  area: Area<Ask, Tell, Answer>,
): void {
  const actual = play(transcript, area, MANNERS.whole);
  writeFileSync(file, formatTranscript(actual));
  check(actual, area);
}

function check<Ask, Tell, Answer>(transcript: Transcript, area: Area<Ask, Tell, Answer>): void {
  const expected = formatTranscript(transcript);
  for (const manner of manners(transcript)) {
    const actual = formatTranscript(play(transcript, area, manner));
    assert.equal(actual, expected, `run ${manner.name}`);
  }
}

/** All named manners, and the cuts: of each turn at each position, evenly thinned to `CUTS`. */
function* manners(transcript: Transcript): Iterable<Manner> {
  const mayCut = transcript.setup.text("cut", "anywhere") !== "never";
  yield* Object.values(MANNERS).filter((manner) => !manner.cuts || mayCut);
  if (!mayCut) return;
  const octets = transcript.turns.reduce((sum, turn) => sum + turn.octets.length, 0);
  const stride = Math.max(1, octets / CUTS);
  for (let position = 1; position < octets; position += stride) yield cutAt(Math.floor(position));
}
