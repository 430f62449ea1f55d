/** What an exception says, in one line; for logs and for people. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
