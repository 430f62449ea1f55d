/** Which transcripts of one endpoint are kept: those worth a look first, so many, and so many octets of them. */
import type { Utterance } from "../relaytest/index.ts";
import type { Grade } from "./grade.ts";

/** Of what was closed, and of the rest. */
const TRANSCRIPTS_LIMIT = 300;

/** Octets of them all, beyond which none is kept: three times those of an open relay. Who says kilobytes to each command fills no disk. */
export const TRANSCRIPTS_OCTETS = 1_048_576;

export class KeptTranscripts {
  readonly #everyone: boolean;
  #closed = 0;
  #worthALook = 0;
  #octets = 0;

  /** `everyone`: of what was closed too. */
  constructor(everyone = false) {
    this.#everyone = everyone;
  }

  /** Whether it is kept; then it counts. */
  keeps(grade: Grade, transcript: readonly Utterance[]): boolean {
    if (this.#octets > TRANSCRIPTS_OCTETS || !this.#hasRoom(grade)) return false;
    for (const one of transcript) this.#octets += "octets" in one ? one.octets.length : 0;
    return true;
  }

  /** What is worth a look does not go short for what is not. */
  #hasRoom(grade: Grade): boolean {
    if (grade !== "closed") return this.#worthALook++ < TRANSCRIPTS_LIMIT;
    return this.#everyone && this.#closed++ < TRANSCRIPTS_LIMIT;
  }
}
