/**
 * `gatepost sendmail`, also where it is called as `sendmail`: one message from standard input to a submission port. Its
 * options and exits are the classic ones, so it has its own reader of them, and says nothing when all went well.
 */
import { homedir } from "node:os";
import type { Command } from "commander";
import { NetSubmitter } from "../app/index.ts";
import { formatAddress, formatStatus, isPositive, visible } from "../mail/index.ts";
import {
  EXITS,
  exitOf,
  LoginFileError,
  MESSAGE_LIMIT,
  MessageInput,
  prepare,
  readLoginFile,
  readOptions,
  usualLoginFile,
  type Exit,
  type SendmailCall,
  type Submission,
  type Submitted,
} from "../operate/sendmail/index.ts";
import { octetsText } from "../runtime/index.ts";
import { print } from "./output.ts";
import { initSendmail } from "./sendmail-init.ts";

/** For the list of commands; `main` hands its arguments to `sendmail` before anybody else reads them. */
export function sendmailCommand(program: Command): void {
  program
    .command("sendmail")
    .description("submit a message from standard input, with the classic options (see its --help)");
}

/** Ends with an exit of sysexits.h. */
export async function sendmail(args: readonly string[]): Promise<Exit> {
  try {
    if (args.includes("--help")) return help();
    if (args.includes("--init")) return await initSendmail(args, usualFile());
    const call = readOptions(args);
    return typeof call === "string" ? fail(EXITS.usage, call) : await send(call);
  } catch (error) {
    if (error instanceof LoginFileError) return fail(EXITS.config, error.message);
    throw error;
  }
}

function help(): Exit {
  print(HELP);
  return EXITS.ok;
}

async function send(call: SendmailCall): Promise<Exit> {
  const { server, own } = readLoginFile(call.loginFile ?? usualFile(), process.getuid?.() ?? 0);
  const content = await readMessage(call.ignoreDots);
  if (content === undefined)
    return fail(EXITS.data, `the message is larger than ${octetsText(MESSAGE_LIMIT)}`);
  const prepared = prepare(call, content, own);
  if ("problem" in prepared) return fail(prepared.exit, prepared.problem);
  const submitted = await new NetSubmitter().submit(server, prepared);
  tell(prepared, submitted, call.verbose);
  return exitOf(submitted);
}

async function readMessage(ignoreDots: boolean): Promise<Uint8Array | undefined> {
  const input = new MessageInput(ignoreDots);
  for await (const chunk of process.stdin) {
    const piece: Uint8Array = chunk as Buffer; // nobody set an encoding
    if (!input.push(piece)) break;
  }
  return input.message();
}

function tell({ recipients }: Submission, submitted: Submitted, verbose: boolean): void {
  if (submitted.kind === "not submitted") return complain(submitted.status.text);
  submitted.outcomes.forEach(({ status, reply }, i) => {
    const recipient = recipients[i];
    const words = reply === undefined ? formatStatus(status) : reply.lines.join(" ");
    const line = `${recipient === undefined ? "" : formatAddress(recipient)}: ${words}`;
    if (!isPositive(status)) complain(line);
    else if (verbose) print(visible(line));
  });
}

function usualFile(): string {
  return process.env["GATEPOST_LOGIN_FILE"] || usualLoginFile(homedir());
}

function fail(exit: Exit, problem: string): Exit {
  complain(problem);
  return exit;
}

function complain(problem: string): void {
  process.stderr.write(`sendmail: ${visible(problem)}\n`);
}

const HELP = `Usage: gatepost sendmail [options] [recipient...] < message
       gatepost sendmail --init [--login-file FILE]

Submits a message to a mail server's submission port, with a login from a file
that only its user can read: ~/.config/gatepost/sendmail.toml, or another one.

  -t                recipients are those of To, Cc and Bcc too
  -i, -oi           a line with nothing but a dot does not end the message
  -f ADDRESS        the sender, where errors go (the login's own address)
  -F NAME           the name in From, where the message has none
  -N WHEN           report: never, or some of success,failure,delay
  -R full|hdrs      how much of the message comes back with a report
  -V ENVID          a name for the envelope, which reports quote
  -v                say what the server answered
  --login-file FILE the login; also by the variable GATEPOST_LOGIN_FILE
  --init            ask for a login and write the file

Other options of sendmail (-bm, -B, -e, -h, -O, -o...) are passed over. There is
no queue: what the server does not take at once fails, with an exit code of
sysexits.h: 0 sent, 64 called wrongly, 65 no message, 67 no such recipient,
69 refused, 75 try again later, 77 not allowed, 78 no login.

As a program called sendmail: ln -s .../bin/gatepost /usr/local/sbin/sendmail`;
