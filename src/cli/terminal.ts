/** Questions to the person at the terminal; never asked when there is none. */
import { createInterface } from "node:readline/promises";
import { text } from "node:stream/consumers";
import { CommandError } from "./exit.ts";

export function isTerminal(): boolean {
  return process.stdin.isTTY && process.stdout.isTTY;
}

/** Asks until there is an answer; an empty one takes `otherwise`, when there is one. */
export async function ask(question: string, otherwise?: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  try {
    for (;;) {
      const shown = otherwise === undefined ? question : `${question} [${otherwise}]`;
      const answer = (await lines.question(`${shown}: `)).trim() || otherwise;
      if (answer !== undefined) return answer;
    }
  } finally {
    lines.close();
  }
}

/** Asks without showing what is typed. */
export async function askHidden(question: string): Promise<string> {
  process.stdin.setRawMode(true); // before the question, or what is typed at once would be shown
  process.stdout.write(`${question}: `);
  process.stdin.setEncoding("utf8");
  try {
    return await typedLine();
  } finally {
    process.stdin.setRawMode(false);
    process.stdin.pause();
    process.stdout.write("\n");
  }
}

/** By events: an iterator finds nothing more on a terminal that was paused, as it is after each question. */
async function typedLine(): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let typed = "";
  const onEnd = (): void => resolve(typed);
  const onText = (chunk: string): void => {
    for (const char of chunk) {
      if (char === "\r" || char === "\n") return onEnd();
      if (char === "\u0003") return reject(new CommandError("interrupted"));
      typed = char === "\u007f" ? typed.slice(0, -1) : typed + char;
    }
  };
  process.stdin.on("data", onText).once("end", onEnd).resume();
  try {
    return await promise;
  } finally {
    process.stdin.off("data", onText).off("end", onEnd);
  }
}

/** All of standard input, without the line end at its end. */
export async function readStandardInput(): Promise<string> {
  return (await text(process.stdin)).replace(/\r?\n$/, "");
}
