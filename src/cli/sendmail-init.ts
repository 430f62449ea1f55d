/** `gatepost sendmail --init`: asks for a login and writes the file; without a terminal its parts are options. */
import { parseArgs } from "node:util";
import { errorText } from "../runtime/index.ts";
import { EXITS, writeLoginFile, type Exit } from "../operate/sendmail/index.ts";
import { CommandError } from "./exit.ts";
import { print } from "./output.ts";
import { ask, askHidden, isTerminal, readStandardInput } from "./terminal.ts";

const OPTIONS = {
  init: { type: "boolean" },
  "login-file": { type: "string" },
  host: { type: "string" },
  port: { type: "string" },
  tls: { type: "string" },
  user: { type: "string" },
  "password-stdin": { type: "boolean" },
} as const;

export async function initSendmail(args: readonly string[], usualFile: string): Promise<Exit> {
  const values = readValues(args);
  const file = values["login-file"] ?? usualFile;
  const host = await given("host", values.host, "Mail server");
  const tls = values.tls ?? "starttls";
  if (tls !== "starttls" && tls !== "implicit")
    throw new CommandError(`--tls ${tls}: expected starttls or implicit`);
  const user = await given("user", values.user, "User (a mail address)");
  const password =
    values["password-stdin"] === true
      ? await readStandardInput()
      : await hidden("password-stdin", "Password");
  const port = values.port === undefined ? {} : { port: portOf(values.port) };
  writeLoginFile(file, { host, ...port, tls, user, password });
  print(`made ${file}`);
  print(`try it  echo test | gatepost sendmail -v ${user}`);
  return EXITS.ok;
}

function readValues(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values;
  } catch (error) {
    throw new CommandError(errorText(error));
  }
}

async function given(option: string, value: string | undefined, question: string): Promise<string> {
  if (value !== undefined) return value;
  if (isTerminal()) return ask(question);
  throw new CommandError(`--${option} is missing, and there is no terminal to ask for it`);
}

async function hidden(option: string, question: string): Promise<string> {
  if (isTerminal()) return askHidden(question);
  throw new CommandError(`--${option} is missing, and there is no terminal to ask for a password`);
}

function portOf(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new CommandError(`--port ${text}: expected a number from 1 to 65535`);
}
