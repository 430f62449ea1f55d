/** Figures of several rounds, and what is made of them. */

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return ((low ?? Number.NaN) + (high ?? Number.NaN)) / 2;
}

/** What one server did in one round. */
export interface Round {
  /** Per second, until the client had its answers. */
  readonly answered: number;
  /** Per second, until everything was where its owner reads it; absent where it is the same. */
  readonly delivered?: number;
  /** Processor seconds of the server's whole tree per 1,000; absent for the sink. */
  readonly cpu?: number;
  /** Milliseconds that a client waited for a message to be taken or refused, connecting included; the median. Absent where the client does not say it. */
  readonly latencyMs?: number;
  /** Octets, PSS of the whole tree, right after the load. */
  readonly memory?: number;
}

/** The medians of a server's rounds, each figure by itself. */
export interface Figures extends Round {
  readonly rounds: number;
  /** Lowest and highest rate of what `rate` gives. */
  readonly range: readonly [number, number];
}

/** What servers are compared by: mail delivered. One that has delivered when it answers is at no disadvantage. */
export function rate({ answered, delivered }: Round): number {
  return delivered ?? answered;
}

/** Nothing of a server that was not measured. */
export function rateOf(figures: Figures | undefined): number | undefined {
  return figures === undefined ? undefined : rate(figures);
}

export function figuresOf(rounds: readonly Round[]): Figures {
  const of = (pick: (round: Round) => number | undefined): number | undefined => {
    const values = rounds.map(pick).filter((value) => value !== undefined);
    return values.length === 0 ? undefined : median(values);
  };
  const [delivered, cpu, latencyMs, memory] = [
    of((round) => round.delivered),
    of((round) => round.cpu),
    of((round) => round.latencyMs),
    of((round) => round.memory),
  ];
  const rates = rounds.map(rate);
  return {
    rounds: rounds.length,
    answered: median(rounds.map(({ answered }) => answered)),
    ...(delivered !== undefined && { delivered }),
    ...(cpu !== undefined && { cpu }),
    ...(latencyMs !== undefined && { latencyMs }),
    ...(memory !== undefined && { memory }),
    range: [Math.min(...rates), Math.max(...rates)],
  };
}
