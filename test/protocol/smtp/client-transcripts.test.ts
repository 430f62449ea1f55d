/** The SMTP client's transcripts, in test/transcripts/smtp-client. */
import { runTranscripts } from "../../transcripts/runner.ts";
import { SMTP_CLIENT } from "./client-area.ts";

runTranscripts("smtp-client", SMTP_CLIENT);
