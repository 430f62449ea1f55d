/** Times as a person reads them. */

/** "2026-01-31 23:59:59", in UTC. */
export function timeText(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace("T", " ");
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(3)} s`;
}
