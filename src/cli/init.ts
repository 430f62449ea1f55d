/** `gatepost init`: makes a site. Asks only on a terminal, and only for what is missing. */
import { hostname as machineName } from "node:os";
import { InvalidArgumentError, type Command } from "commander";
import { allAddresses, makeSite } from "../app/index.ts";
import { isFullyQualified, parseDomain } from "../mail/index.ts";
import { CommandError } from "./exit.ts";
import { print } from "./output.ts";
import { newPassword } from "./password.ts";
import { collect } from "./site-options.ts";
import { ask, isTerminal } from "./terminal.ts";

interface InitOptions {
  readonly hostname?: string;
  readonly domain: readonly string[];
  readonly mailbox: readonly string[];
  readonly password: readonly string[];
  readonly portBase: number;
  readonly listen: readonly string[];
  readonly dir: string;
}

export function initCommand(program: Command): void {
  program
    .command("init")
    .description("make a site: configuration, store, key and self-signed certificate")
    .option(
      "--hostname <name>",
      "this server's fully qualified name, the one that MX records point to",
    )
    .option("--domain <domain>", "a domain to take mail for; may be given again", collect, [])
    .option(
      "--mailbox <address>",
      "a mailbox; the first takes the mail for postmaster",
      collect,
      [],
    )
    .option("--password <password>", "the password of the mailbox at the same place", collect, [])
    .option("--port-base <number>", "added to every port: 0 in production", portBase, 0)
    .option(
      "--listen <address>",
      "address to listen on; may be given again (all of them)",
      collect,
      [],
    )
    .option("--dir <dir>", "where to", ".")
    .action(run);
}

async function run(options: InitOptions): Promise<void> {
  const hostname = await missing(
    "hostname",
    options.hostname,
    "Host name of this server",
    suggestedName(),
  );
  const domains =
    options.domain.length > 0
      ? options.domain
      : [await missing("domain", undefined, "Domain to take mail for")];
  const [domain = ""] = domains;
  const addresses =
    options.mailbox.length > 0
      ? options.mailbox
      : [isTerminal() ? await ask("Mailbox", `postmaster@${domain}`) : `postmaster@${domain}`];
  const mailboxes = [];
  for (const [i, address] of addresses.entries()) {
    const given = options.password[i];
    const made = await newPassword(given === undefined ? {} : { password: given });
    mailboxes.push({ address, ...made });
  }
  const listen = options.listen.length > 0 ? options.listen : allAddresses();
  const file = await makeSite({
    dir: options.dir,
    hostname,
    domains,
    signs: true,
    mailboxes,
    portBase: options.portBase,
    listen,
  });
  print(`made ${file}`);
  for (const { address, password, generated } of mailboxes)
    print(generated ? `mailbox   ${address}   password ${password}` : `mailbox   ${address}`);
  for (const name of domains)
    print(
      `publish   what \`gatepost domain records ${name} --config ${file}\` prints, with its DKIM keys`,
    );
  print(`start it  gatepost serve --config ${file}`);
}

async function missing(
  option: string,
  given: string | undefined,
  question: string,
  otherwise?: string,
): Promise<string> {
  if (given !== undefined) return given;
  if (isTerminal()) return ask(question, otherwise);
  throw new CommandError(`--${option} is missing, and there is no terminal to ask for it`);
}

/** The machine's own name, where that is a full one. */
function suggestedName(): string | undefined {
  const domain = parseDomain(machineName());
  return domain !== undefined && isFullyQualified(domain) ? domain : undefined;
}

function portBase(text: string): number {
  const base = Number(text);
  if (Number.isInteger(base) && base >= 0 && base <= 64_000) return base;
  throw new InvalidArgumentError("expected a whole number from 0 to 64000");
}
