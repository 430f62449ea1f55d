/** The transcripts once more, over a real socket: the wire changes nothing. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { POP3 } from "../protocol/pop3/area.ts";
import { SMTP } from "../protocol/smtp/area.ts";
import { isForSockets, playOverSocket } from "./over-socket.ts";
import { readTranscript, transcriptFiles, type Area } from "./runner.ts";
import { formatTranscript } from "./transcript.ts";

function overSockets<Ask, Tell, Answer>(folder: string, area: Area<Ask, Tell, Answer>): void {
  describe(`${folder} over a socket`, () => {
    for (const file of transcriptFiles(folder)) {
      const transcript = readTranscript(file);
      if (!isForSockets(transcript)) continue;
      test(file.slice(import.meta.dirname.length + 1), async () => {
        const actual = formatTranscript(await playOverSocket(transcript, area));
        assert.equal(actual, formatTranscript(transcript));
      });
    }
  });
}

overSockets("smtp", SMTP);
overSockets("pop3", POP3);
