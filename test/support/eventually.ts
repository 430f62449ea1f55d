/** Waits for what happens by itself, such as an attempt to deliver; what never comes fails the test instead of holding it. */

const PATIENCE_MS = 20_000;
const LOOK_MS = 10;

/** The first answer that is not undefined. */
export async function eventually<Answer>(
  what: string,
  look: () => Answer | undefined | Promise<Answer | undefined>,
): Promise<Answer> {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    const answer = await look();
    if (answer !== undefined) return answer;
    if (performance.now() > until) throw new Error(`in vain waited for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
