/** Questions to the person at the terminal; never asked when there is none. */
import { createInterface } from "node:readline/promises";
import { text } from "node:stream/consumers";

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
  process.stdout.write(`${question}: `);
  process.stdin.setRawMode(true);
  process.stdin.setEncoding("utf8");
  let typed = "";
  try {
    for await (const chunk of process.stdin) {
      for (const char of String(chunk)) {
        if (char === "\r" || char === "\n") return typed;
        if (char === "\u0003") throw new Error("interrupted");
        typed = char === "\u007f" ? typed.slice(0, -1) : typed + char;
      }
    }
    return typed;
  } finally {
    process.stdin.setRawMode(false);
    process.stdin.pause();
    process.stdout.write("\n");
  }
}

/** All of standard input, without the line end at its end. */
export async function readStandardInput(): Promise<string> {
  return (await text(process.stdin)).replace(/\r?\n$/, "");
}
