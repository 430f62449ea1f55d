/**
 * An error that was made to be read by whoever runs the server: what is wrong, where, and what was expected. Everything
 * else that is thrown is a bug, and shows where it happened.
 */
export class OperatorError extends Error {
  override readonly name: string = "OperatorError";
}
