/** The queue: claims what is due, has it attempted, decides what an attempt means, and reports. It never sends anything itself. */
import type { QueueDeps } from "./deps.ts";
import { LOOK_MS, QueueRunner } from "./runner.ts";
import type { QueueSettings } from "./settings.ts";

export type {
  NotificationAbroad,
  NotificationRoute,
  QueueDeps,
  QueuePolicy,
  Timer,
} from "./deps.ts";
export type { QueueFigures } from "./figures.ts";
export { LEASE_MS } from "./leases.ts";
export type { QueueRunner } from "./runner.ts";
export { SCHEDULE, type Schedule } from "./schedule.ts";
export type { QueueSettings } from "./settings.ts";
export { settle, type Attempted, type Moment, type Reportable, type Settled } from "./settle.ts";

/** Begins at once. The settings are asked each time, so that a reload is heeded. */
export function openQueue(
  settings: () => QueueSettings,
  deps: QueueDeps,
  lookMs = LOOK_MS,
): QueueRunner {
  return new QueueRunner(settings, deps, lookMs);
}
