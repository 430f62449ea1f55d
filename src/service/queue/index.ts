/** The queue: when a recipient is tried again, and what an attempt's outcome means. It never sends anything itself. */
export { SCHEDULE, type Schedule } from "./schedule.ts";
export { settle, type Attempted, type Moment, type Reportable, type Settled } from "./settle.ts";
