/** Why a file cannot be read, in the words of whoever named it; for all else what the system says. */
import { errorText } from "./error-text.ts";

export function fileFault(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return "there is no such file";
    case "EISDIR":
      return "it is a directory";
    case "EACCES":
    case "EPERM":
      return "it may not be read by the user of this process";
    default:
      return errorText(error);
  }
}
