/** What a child process can be started for. */
export const ACTIONS = [
  "add mailbox",
  "serve",
  "begin message",
  "commit",
  "settle",
  "test",
] as const;

export type Action = (typeof ACTIONS)[number];

export function isAction(text: string): text is Action {
  return ACTIONS.some((action) => action === text);
}
