/** The `gatepost` command: which commands there are. Each has a file of its own. */
import { Command } from "commander";
import { aliasCommands } from "./alias.ts";
import { backupCommands } from "./backup.ts";
import { checkCommand } from "./check.ts";
import { domainCommands } from "./domain.ts";
import { reportAndExit } from "./exit.ts";
import { explainCommand } from "./explain.ts";
import { rehearseCommand } from "./rehearse.ts";
import { initCommand } from "./init.ts";
import { listCommands } from "./list.ts";
import { listsCommands } from "./lists.ts";
import { lookupCommand } from "./lookup.ts";
import { mailboxCommands } from "./mailbox.ts";
import { peerCommands } from "./peer.ts";
import { queueCommands } from "./queue.ts";
import { quickstartCommand } from "./quickstart.ts";
import { reportCommands } from "./report.ts";
import { sendmail, sendmailCommand } from "./sendmail.ts";
import { serveCommand } from "./serve.ts";
import { testCommand } from "./test.ts";
import { testsCommands } from "./tests.ts";
import { version } from "./version.ts";

/** Characters of a command with its arguments in a list of commands: beyond them what it does has no room in 80 columns. */
const TERM_WIDTH = 20;

/** Of one whose arguments are long its own help has them. */
function commandTerm(command: Command): string {
  const name = command.name();
  const args = command.registeredArguments.map((argument) =>
    argument.required ? `<${argument.name()}>` : `[${argument.name()}]`,
  );
  const term = [name, ...args].join(" ");
  return term.length > TERM_WIDTH ? name : term;
}

const program = new Command("gatepost")
  .description(
    "A mail server that cannot be an open relay, proves it, and keeps out those that are.",
  )
  .version(version())
  .showHelpAfterError()
  .configureHelp({ showGlobalOptions: false, subcommandTerm: commandTerm });

for (const register of [
  initCommand,
  serveCommand,
  quickstartCommand,
  checkCommand,
  domainCommands,
  mailboxCommands,
  aliasCommands,
  peerCommands,
  queueCommands,
  explainCommand,
  rehearseCommand,
  listCommands,
  listsCommands,
  lookupCommand,
  testCommand,
  testsCommands,
  reportCommands,
  backupCommands,
  sendmailCommand,
])
  register(program);

try {
  const [command, ...args] = process.argv.slice(2);
  // Its options are older than any convention: `-V` is no version there, `-oi` no three letters.
  if (command === "sendmail") process.exit(await sendmail(args));
  await program.parseAsync();
} catch (error) {
  reportAndExit(error);
}
