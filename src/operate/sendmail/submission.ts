/**
 * A message on its way from a program of this machine to a submission port, and what became of it. Who speaks SMTP is
 * handed in: this room opens no connection.
 */
import type {
  Address,
  BodyType,
  DsnNotify,
  Outcome,
  ReturnedContent,
  ReversePath,
  Status,
} from "../../mail/index.ts";

export interface Submission {
  readonly reversePath: ReversePath;
  /** At least one; each once. */
  readonly recipients: readonly Address[];
  readonly notify?: readonly DsnNotify[];
  readonly ret?: ReturnedContent;
  readonly envid?: string;
  readonly body: BodyType;
  /** Lines end with CRLF, the last one too. */
  readonly content: Uint8Array;
}

/** The port that takes it, and with which login. */
export interface SubmissionServer {
  readonly host: string;
  readonly port: number;
  readonly tls: "starttls" | "implicit";
  readonly trust: ServerTrust;
  readonly user: string;
  readonly password: string;
}

/** By what its certificate is known. */
export type ServerTrust =
  /** A certification authority of the machine, or of this PEM, says that it is the host's. */
  | { readonly kind: "authority"; readonly ca?: string }
  /** It is exactly this one: SHA-256 of its DER, 64 hexadecimal digits in lower case. */
  | { readonly kind: "pin"; readonly sha256: string }
  /** Whatever it has: nobody stands between two programs of one machine. */
  | { readonly kind: "loopback" };

export type Submitted =
  /** What became of each recipient, in their order. */
  | { readonly kind: "answered"; readonly outcomes: readonly Outcome[] }
  /** Nothing was handed over. */
  | {
      readonly kind: "not submitted";
      readonly why: "not reached" | "not trusted" | "login refused";
      readonly status: Status;
    };

export interface Submitter {
  submit(server: SubmissionServer, submission: Submission): Promise<Submitted>;
}
