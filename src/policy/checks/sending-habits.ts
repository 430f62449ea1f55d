/**
 * What may look like a stolen password, as facts for the journal: from where a login sends, and how many of its recipients
 * are refused. It decides nothing; people travel, and address books grow old.
 */
import type { Login } from "../../mail/index.ts";
import type { Check } from "./verdict.ts";

/** In policy's own words. */
export interface SendingHistory {
  habits(login: Login, network: string): SendingHabits;
}

export interface SendingHabits {
  /** Networks from which the login has sent in the last seven days. */
  readonly networks: number;
  /** The present one is among them. */
  readonly networkKnown: boolean;
  /** Of the last day. */
  readonly recipients: number;
  readonly recipientsRefused: number;
}

export interface HabitsSubject {
  readonly login: Login;
  /** Where the client is (`clientNetwork`). */
  readonly network?: string;
  /** Recipients of this message that were refused. */
  readonly recipientsRefused?: number;
}

export type HabitsFacts = {
  readonly network: string;
  readonly networkKnown: boolean;
  readonly networksWeek: number;
  readonly recipientsSentDay: number;
  readonly recipientsRefusedDay: number;
  readonly recipientsRefusedNow: number;
};

const NAME = "sending habits";

export function sendingHabitsCheck(history: SendingHistory): Check<HabitsSubject, HabitsFacts> {
  return {
    name: NAME,
    gather: ({ login, network = "", recipientsRefused = 0 }) => {
      const habits = history.habits(login, network);
      return {
        network,
        networkKnown: habits.networkKnown,
        networksWeek: habits.networks,
        recipientsSentDay: habits.recipients,
        recipientsRefusedDay: habits.recipientsRefused,
        recipientsRefusedNow: recipientsRefused,
      };
    },
    judge: (evidence) => ({ action: "continue", check: NAME, evidence }),
  };
}
