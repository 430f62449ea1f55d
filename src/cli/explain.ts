/** `gatepost explain`: why a session, a message, an address or a host was treated as it was, or would be treated now. */
import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { askLive, openDirectory, siteJudges } from "../app/index.ts";
import {
  explain,
  liveJson,
  liveText,
  readLiveQuestion,
  type LiveQuestion,
} from "../operate/journal/index.ts";
import { errorText } from "../runtime/index.ts";
import { CommandError } from "./exit.ts";
import { print } from "./output.ts";
import { collect, siteConfig, withConfig, type SiteOptions } from "./site-options.ts";

interface ExplainOptions extends SiteOptions {
  readonly json?: boolean;
  readonly live?: boolean;
  readonly ip?: string;
  readonly helo?: string;
  readonly from?: string;
  readonly to: readonly string[];
  readonly message?: string;
}

export function explainCommand(program: Command): void {
  withConfig(program.command("explain [id-or-ip-or-address-or-message-id]"))
    .description("what happened in a session and why; or the last sessions of an address or a host")
    .option("--json", "as JSON")
    .option("--live", "ask now what a client would be answered; nothing is sent or stored")
    .option("--ip <address>", "with --live: where it comes from")
    .option("--helo <name>", "with --live: what it calls itself")
    .option("--from <address>", "with --live: MAIL FROM; <> is the null sender")
    .option("--to <address>", "with --live: RCPT TO; may be given again", collect, [])
    .option("--message <file>", "with --live: judge this message too")
    .action(run);
}

async function run(subject: string | undefined, options: ExplainOptions): Promise<void> {
  if (options.live === true) return live(subject, options);
  if (subject === undefined)
    throw new CommandError(
      "explain what? A session or message id, an IP address, a mail address or a Message-ID; or --live",
    );
  const loaded = siteConfig(options);
  const { journal, queue, directory, close } = await openDirectory(loaded);
  try {
    const judges = siteJudges(loaded, directory);
    print(await explain(journal, subject, options.json === true, { queue, judges }));
  } finally {
    await close();
  }
}

async function live(subject: string | undefined, options: ExplainOptions): Promise<void> {
  if (subject !== undefined)
    throw new CommandError(`--live asks about --ip, --helo, --from and --to, not about ${subject}`);
  const read = readLiveQuestion(options);
  if (typeof read === "string") throw new CommandError(read);
  const question = { ...read, ...messageOf(options) };
  const loaded = siteConfig(options);
  const answer = await askLive(loaded, question);
  const { directory, close } = await openDirectory(loaded);
  try {
    const judges = siteJudges(loaded, directory);
    const tell = options.json === true ? liveJson : liveText;
    print(tell(question, answer, judges));
  } finally {
    await close();
  }
}

function messageOf({ message: file }: ExplainOptions): Pick<LiveQuestion, "message"> {
  if (file === undefined) return {};
  try {
    return { message: readFileSync(file) };
  } catch (error) {
    throw new CommandError(`--message ${file}: it cannot be read: ${errorText(error)}`);
  }
}
