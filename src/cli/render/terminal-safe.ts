// A colour is kept as one match; any other control character could move the cursor, rename the window or turn text around.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const CONTROL = /\u001b\[[0-9;]*m|[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g

/** Text for a terminal: line ends, tabs and colours stay, other control characters are written out as `\u001b`. */
export function terminalSafe(text: string): string {
  return text.replace(CONTROL, (found) =>
    found.length > 1 ? found : `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
