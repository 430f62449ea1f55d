/**
 * The log: one line of JSON for each event, buffered and written asynchronously, so that it never holds up
 * mail. Events have names from one vocabulary; what a stranger sent is a field, never part of the name.
 */
import { pino, destination, type DestinationStream } from "pino";

export type Fields = Readonly<Record<string, unknown>>;

export interface Log {
  /** Normal business. */
  info(event: string, fields?: Fields): void;
  /** Somebody should look at it when there is time. */
  warn(event: string, fields?: Fields): void;
  /** Somebody must act; `fields.todo` says how. */
  error(event: string, fields?: Fields): void;
  /** Writes out what is buffered. */
  flush(): void;
}

export type LogLevel = "info" | "warn" | "error" | "silent";

/** Octets kept before a write; a crash loses at most these lines. */
const BUFFER_OCTETS = 4096;

/** Octets kept at most while nobody takes them; lines beyond are dropped, so that a reader that hangs does not fill the memory. */
const BACKLOG_OCTETS = 8_388_608;

/** Logs to standard error, so that standard output stays for what a person or a script reads. */
export function openLog(level: LogLevel, stream?: DestinationStream): Log {
  const sink = stream ?? standardError();
  const logger = pino(
    { level, base: null, timestamp: isoTime, formatters: { level: named } },
    sink,
  );
  const flusher = stream === undefined ? setInterval(() => logger.flush(), 1000) : undefined;
  flusher?.unref();
  return {
    info: (event, fields) => logger.info(fields ?? {}, event),
    warn: (event, fields) => logger.warn(fields ?? {}, event),
    error: (event, fields) => logger.error(fields ?? {}, event),
    flush: () => logger.flush(),
  };
}

/**
 * A log that cannot be written (the disk under it is full) must neither end the server nor keep it from ending: lines
 * wait, up to the backlog, and go out when they can.
 */
function standardError(): DestinationStream {
  const sink = destination({
    dest: 2,
    sync: false,
    minLength: BUFFER_OCTETS,
    maxLength: BACKLOG_OCTETS,
  });
  const flushSync = sink.flushSync.bind(sink);
  // What is written at exit is tried until it succeeds; while nothing can be written that would be for ever.
  sink.on("error", () => (sink.flushSync = () => {}));
  sink.on("write", () => (sink.flushSync = flushSync));
  return sink;
}

export const silentLog: Log = {
  info() {},
  warn() {},
  error() {},
  flush() {},
};

/** "warn" instead of 40: people read it too. */
function named(level: string): object {
  return { level };
}

function isoTime(): string {
  return `,"time":"${new Date().toISOString()}"`;
}
