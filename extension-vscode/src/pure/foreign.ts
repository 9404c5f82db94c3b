/** Text that a workspace or a container chose, made safe to show. */

/** Control characters, line separators, and characters that change the direction or are not seen. */
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;

/** One line of at most `longest` characters, unsafe ones as `\u{…}`. */
export function foreign(text: string, longest = 200): string {
  const characters = [...text];
  const cut = characters.length > longest ? `${characters.slice(0, longest - 1).join("")}…` : text;
  return cut.replace(UNSAFE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}
