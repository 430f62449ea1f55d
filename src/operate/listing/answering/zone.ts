/**
 * A published zone, as it is answered: settled, never changed, swapped whole. What is large in it are typed arrays, which threads share.
 */
import { EXCLUDED, type Dataset } from "../../../policy/lists/files/index.ts";

/** What was read together, such as all files of a zone: what its datasets say of somebody is said together, each thing once, as `ListReader` does. */
export type Source = readonly Dataset[];

export interface PublishedZone {
  /** In lower case, without a dot at its end. */
  readonly origin: string;
  readonly kind: "addresses" | "names";
  /** Names of its servers; the first one is the SOA's. None of them is in the zone: it has no addresses for them. */
  readonly ns: readonly string[];
  /** The SOA's RNAME as a name: hostmaster.example.org. */
  readonly contact: string;
  readonly serial: number;
  /** Seconds, as the next five. */
  readonly refresh: number;
  readonly retry: number;
  readonly expire: number;
  readonly ttl: number;
  readonly negativeTtl: number;
  /** Milliseconds since 1970, from which on it is SERVFAIL; undefined: for ever. */
  readonly validUntil: number | undefined;
  /** It lists nobody any more, and says so. */
  readonly retired: boolean;
  /**
   * In the order that they count: what is protected (see `excluding`), the entries, the files. The first one that knows somebody
   * answers, also where it says that he is excluded. Datasets of subzones do not belong here: a subzone is a zone of its own.
   */
  readonly sources: readonly Source[];
  /** Of each dataset of the sources that has names, made by `nonTerminalsOf`. */
  readonly nonTerminals: readonly Uint32Array[];
  /** Networks that may transfer it. */
  readonly transferTo: readonly string[];
}

/** The same addresses and names, none of which is listed, whatever a later source says. */
export function excluding(dataset: Dataset): Dataset {
  const { v4, v6, exact, wild } = dataset;
  return {
    ...dataset,
    v4: { ...v4, answers: excluded(v4.answers) },
    v6: { ...v6, answers: excluded(v6.answers) },
    exact: { ...exact, answers: excluded(exact.answers) },
    wild: { ...wild, answers: excluded(wild.answers) },
  };
}

function excluded(answers: Uint32Array): Uint32Array {
  return new Uint32Array(answers.length).fill(EXCLUDED);
}
