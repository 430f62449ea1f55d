/** Runs the POP3 transcripts. */
import { runTranscripts } from "../../transcripts/runner.ts";
import { POP3 } from "./area.ts";

runTranscripts("pop3", POP3);
