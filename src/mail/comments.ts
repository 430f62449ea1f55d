/** Comments and folding white space in a structured field's body (RFC 5322 §3.2.2 CFWS): never a meaning, so they are passed over. */

/** Index of the first character from `from` on that is neither. Comments nest, and a backslash takes the next character's meaning. */
export function skipComments(text: string, from: number): number {
  for (let i = from; i < text.length; i++) {
    const char = text.charAt(i);
    if (/\s/.test(char)) continue;
    if (char !== "(") return i;
    const end = commentEnd(text, i);
    if (end < 0) break;
    i = end - 1;
  }
  return text.length;
}

/** Index behind the comment that begins at `from`; -1 when it never ends. */
export function commentEnd(text: string, from: number): number {
  let depth = 0;
  for (let i = from; i < text.length; i++) {
    const char = text.charAt(i);
    if (char === "\\") i++;
    else if (char === "(") depth++;
    else if (char === ")" && --depth === 0) return i + 1;
  }
  return -1;
}
