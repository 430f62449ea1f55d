/**
 * The policy of a configuration, as it judges again what was gathered before. Who can build it hands it in: so `explain` and `rehearse`
 * judge by the server's own checks, and by nothing beside them.
 */
import type { FactValue } from "../../mail/index.ts";
import type { Stage } from "../../policy/checks/index.ts";

export type StageName = "sender" | "recipient" | "message";

/** What of a stage needs nobody to ask. */
export type PastStage = Pick<Stage<never>, "judge" | "otherwise">;

export type PastStages = Readonly<Record<StageName, PastStage>>;

export interface Judges {
  /** The configuration's file. */
  readonly file: string;
  readonly stages: PastStages;
  /** What it says now, whether or not the file names it; undefined: there is no such setting. */
  setting(key: string): SettingNow | undefined;
  /** All values of a closed list; empty where it is none. */
  choices(key: string): readonly FactValue[];
  /** With one setting changed; undefined where it cannot have this value. */
  changed(key: string, value: FactValue): PastStages | undefined;
}

export interface SettingNow {
  readonly value: FactValue;
  /** Somebody has written it; else it is the default. */
  readonly written: boolean;
}
