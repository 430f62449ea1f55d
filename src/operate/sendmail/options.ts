/**
 * The options of sendmail, as programs have given them for forty years: single letters, values attached or not, several
 * letters in one word. Those that say how a mail server is to do its work mean nothing here and are passed over; those that
 * want to be another program (a daemon, the queue) are answered.
 */
import type { DsnNotify, ReturnedContent } from "../../mail/index.ts";

export interface SendmailCall {
  readonly recipients: readonly string[];
  /** -t: those of To, Cc and Bcc too. */
  readonly fromHeader: boolean;
  /** -i: a line with nothing but a dot does not end the message. */
  readonly ignoreDots: boolean;
  /** -f, as it was typed. */
  readonly sender?: string;
  /** -F: the name beside the address, where From has to be made. */
  readonly name?: string;
  readonly notify?: readonly DsnNotify[];
  readonly ret?: ReturnedContent;
  readonly envid?: string;
  readonly verbose: boolean;
  readonly loginFile?: string;
}

/** The call, or why it is none. */
export function readOptions(args: readonly string[]): SendmailCall | string {
  const reader = new OptionReader();
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === "--") break;
    const problem = reader.word(arg, rest);
    if (problem !== undefined) return problem;
  }
  return { ...reader.call, recipients: [...reader.call.recipients, ...rest] };
}

/** Letters with a value, which is the rest of the word or the next word. */
const WITH_VALUE = new Set("BCFLNORVXbefhopr");

/** Letters whose value is the rest of the word, if there is one. */
const WITH_REST = new Set("Adq");

class OptionReader {
  call: SendmailCall = { recipients: [], fromHeader: false, ignoreDots: false, verbose: false };

  /** Takes a word, and the next one where it is its value. */
  word(arg: string, rest: string[]): string | undefined {
    if (arg.startsWith("--login-file")) return this.#loginFile(arg, rest);
    if (!arg.startsWith("-") || arg === "-") {
      this.#set({ recipients: [...this.call.recipients, arg] });
      return undefined;
    }
    if (arg.startsWith("--")) return `there is no option ${arg}`;
    for (let i = 1; i < arg.length; i++) {
      const letter = arg.charAt(i);
      if (!WITH_VALUE.has(letter) && !WITH_REST.has(letter)) {
        const problem = this.#flag(letter);
        if (problem !== undefined) return problem;
        continue;
      }
      const attached = arg.slice(i + 1);
      const value = attached === "" && WITH_VALUE.has(letter) ? rest.shift() : attached;
      return value === undefined ? `-${letter} wants a value` : this.#value(letter, value);
    }
    return undefined;
  }

  #loginFile(arg: string, rest: string[]): string | undefined {
    const [name, attached] = [arg.slice(0, 12), arg.slice(12)];
    const value = attached === "" ? rest.shift() : attached.slice(1);
    if (value === undefined || (attached !== "" && !attached.startsWith("=")))
      return `${name} wants a file`;
    this.#set({ loginFile: value });
    return undefined;
  }

  #flag(letter: string): string | undefined {
    switch (letter) {
      case "i":
        this.#set({ ignoreDots: true });
        return undefined;
      case "t":
        this.#set({ fromHeader: true });
        return undefined;
      case "v":
        this.#set({ verbose: true });
        return undefined;
      case "G": // "relayed", "no aliases", "me too", "initial submission": matters of a server
      case "n":
      case "m":
      case "U":
        return undefined;
      default:
        return `there is no option -${letter}`;
    }
  }

  #value(letter: string, value: string): string | undefined {
    switch (letter) {
      case "f":
      case "r":
        this.#set({ sender: value });
        return undefined;
      case "F":
        this.#set({ name: value });
        return undefined;
      case "V":
        this.#set({ envid: value });
        return undefined;
      case "o":
        if (value === "i") this.#set({ ignoreDots: true });
        return undefined;
      case "N":
        return this.#notify(value);
      case "R":
        return this.#ret(value);
      case "b":
        return modeProblem(value);
      case "q":
        return NO_QUEUE;
      default: // how to answer errors, where the configuration is, which body: none of it is ours to obey
        return undefined;
    }
  }

  #notify(value: string): string | undefined {
    const words = value.toUpperCase().split(",");
    const notify = words.flatMap((word) => NOTIFY.find((known) => known === word) ?? []);
    const alone = notify.length === 1 || !notify.includes("NEVER");
    if (notify.length !== words.length || !alone)
      return `-N ${value}: expected never, or some of success,failure,delay`;
    this.#set({ notify });
    return undefined;
  }

  #ret(value: string): string | undefined {
    const ret = RET.find((known) => known === value.toUpperCase());
    if (ret === undefined) return `-R ${value}: expected full or hdrs`;
    this.#set({ ret });
    return undefined;
  }

  #set(parts: Partial<SendmailCall>): void {
    this.call = { ...this.call, ...parts };
  }
}

const NOTIFY: readonly DsnNotify[] = ["NEVER", "SUCCESS", "FAILURE", "DELAY"];
const RET: readonly ReturnedContent[] = ["FULL", "HDRS"];

const NO_QUEUE =
  "there is no queue here: each message is handed to the server at once, or it fails. " +
  "Where the server runs, `gatepost queue list` shows what waits and `gatepost queue retry --all` tries it";

/** -bm is what is done here; the other letters are other programs. */
function modeProblem(mode: string): string | undefined {
  switch (mode) {
    case "m":
      return undefined;
    case "p":
    case "P":
      return NO_QUEUE;
    case "i":
      return "there are no aliases here: `gatepost alias list`, where the server runs";
    case "d":
    case "D":
      return "this is no server: `gatepost serve` is";
    default:
      return `-b${mode} is not for this program, which takes one message and submits it`;
  }
}
