/** The log of a thread: its lines go to the server's own. What strangers cause has its share here already, so that nobody can keep the server busy with lines. */
import { LogShares, type Fields, type Log } from "../../../runtime/index.ts";
import type { FromThread } from "./messages.ts";

/** Lines of normal business a minute that one address can cause. */
const LINES_PER_ADDRESS = 60;

export class PostedLog implements Log {
  readonly #shares: LogShares;

  constructor(say: (message: FromThread) => void) {
    const post = (level: "info" | "warn" | "error") => (event: string, fields?: Fields) =>
      say({ kind: "log", level, event, fields });
    const posting = {
      info: post("info"),
      warn: post("warn"),
      error: post("error"),
      flush: () => {},
    };
    this.#shares = new LogShares(posting, LINES_PER_ADDRESS);
  }

  info(event: string, fields?: Fields): void {
    this.#shares.info(event, fields);
  }

  warn(event: string, fields?: Fields): void {
    this.#shares.warn(event, fields);
  }

  error(event: string, fields?: Fields): void {
    this.#shares.error(event, fields);
  }

  flush(): void {}
}
