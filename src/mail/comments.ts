/** Comments and folding white space in a structured field's body (RFC 5322 §3.2.2 CFWS): never a meaning, so they are passed over. */

/** Index of the first character from `from` on that is neither. Comments nest, and a backslash takes the next character's meaning. */
export function skipComments(text: string, from: number): number {
  let depth = 0;
  for (let i = from; i < text.length; i++) {
    const char = text.charAt(i);
    if (char === "(") depth++;
    else if (depth > 0 && char === ")") depth--;
    else if (depth > 0 && char === "\\") i++;
    else if (depth === 0 && !/\s/.test(char)) return i;
  }
  return text.length;
}
