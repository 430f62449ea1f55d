/** How much it takes to doubt a list, and how long it takes to believe it again. */

/** What is wrong with a list, from what may cost mail to what is merely of no use. */
export type Ailment =
  /** It lists what nobody can have listed. */
  | "lists everybody"
  /** Somebody answers who is no list. */
  | "no list any more"
  /** It lists callers of which it is known well who they are. */
  | "lists known callers"
  /** It lists many more than it used to. */
  | "lists unusually many"
  /** Other servers have its zone than before. */
  | "moved"
  /** It answers, and says that it does not answer us. */
  | "turns us away"
  /** What each list has to list is gone. */
  | "emptied"
  /** It does not answer, or not in time. */
  | "silent";

export interface HealthLimits {
  /** Minutes between probes of a list that is well. */
  readonly probeMinutes: number;
  /** Minutes until the first probe of one that is not; twice as many after each that finds it no better, up to `probeMinutes`. */
  readonly retryMinutes: number;
  /** Questions in a row, unanswered or answered too slowly, after which it is silent. */
  readonly failures: number;
  /** Milliseconds from which an answer is too slow. */
  readonly slowMs: number;
  /** Subjects, each another one, of which the present hit rate is made. */
  readonly recentSubjects: number;
  /** A subject that comes again after so many hours counts once more. */
  readonly againHours: number;
  /** Subjects before those from which on the usual hit rate is known; at twice `usualMost` both numbers are halved, so that it follows the times. */
  readonly usualSubjects: number;
  readonly usualMost: number;
  /** What the usual rate is at least taken for: of a list that is hardly ever hit, the second hit is no sign of madness. */
  readonly usualLeast: number;
  /** The unusual rate that is looked for: so many times the odds of the usual one. */
  readonly oddsRatio: number;
  /** How much more probable it has to be than the usual one, as a natural logarithm; and the usual one, to believe it again. */
  readonly doubt: number;
  readonly relief: number;
  /** Callers with a certificate, of as many networks, that it lists within so many hours and no other list does. */
  readonly knownCallers: number;
  readonly knownCallerHours: number;
  /** Minutes that everything has to be in order before it has a vote again. */
  readonly probationMinutes: Readonly<Record<Ailment, number>>;
  /** Unknown codes that are counted each for itself. */
  readonly unknownCodes: number;
  /** Times in which it spoke ill and had a vote, that are remembered. */
  readonly windows: number;
}

export const HEALTH_LIMITS: HealthLimits = {
  probeMinutes: 30,
  retryMinutes: 5,
  failures: 5,
  slowMs: 2500,
  recentSubjects: 150,
  againHours: 24,
  usualSubjects: 200,
  usualMost: 2000,
  usualLeast: 0.02,
  oddsRatio: 6,
  doubt: 6,
  relief: 5,
  knownCallers: 3,
  knownCallerHours: 24,
  probationMinutes: {
    "lists everybody": 360,
    "no list any more": 360,
    "lists known callers": 1440,
    "lists unusually many": 60,
    moved: 1440,
    "turns us away": 60,
    emptied: 60,
    silent: 10,
  },
  unknownCodes: 16,
  windows: 8,
};
