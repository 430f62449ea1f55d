/** The SMTP server's transcripts, in test/transcripts/smtp. */
import { runTranscripts } from "../../transcripts/runner.ts";
import { SMTP } from "./area.ts";

runTranscripts("smtp", SMTP);
