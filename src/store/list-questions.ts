/**
 * Questions about published lists, of the store's contract: counted by hour (UTC), zone and what became of them; and of each hour the networks
 * that asked most, the others together. Few rows an hour, whoever asks whatever.
 */

/** What is to be added, of the hour in which `at` is. */
export interface FreshListQuestions {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly zones: readonly ListZoneQuestions[];
  /** Undefined: none is kept of this time. */
  readonly clients?: ListClients & {
    /** Networks of an hour that are kept by themselves. */
    readonly limit: number;
  };
}

export interface ListZoneQuestions {
  /** "": about none of ours. */
  readonly zone: string;
  /** What became of them, in the words of whoever answers. */
  readonly outcome: string;
  readonly questions: number;
}

export interface ListClients {
  readonly networks: readonly ListClient[];
  /** Questions of all the others. */
  readonly others: number;
}

export interface ListClient {
  /** "192.0.2.0/24" */
  readonly network: string;
  readonly questions: number;
  readonly listed: number;
}

export interface ListQuestions {
  add(fresh: FreshListQuestions): Promise<void>;
  /** From this hour on (hours since 1970), of each so many hours together, the earliest first; of all zones or of one. `hour`: the first one of them. */
  since(
    hour: number,
    together: number,
    zone?: string,
  ): Promise<readonly (ListZoneQuestions & { readonly hour: number })[]>;
  /** From this hour on: so many networks, those that asked most first, and all the others. */
  clients(hour: number, limit: number): Promise<ListClients>;
  /** Forgets what was counted before `hour`, and of networks what was counted before `clientsHour`. */
  prune(hour: number, clientsHour: number): Promise<void>;
}
