// What a spreadsheet takes for the start of a formula; the wide forms are those of East Asian keyboards.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const FORMULA = /^[=+\-@\uff1d\uff0b\uff0d\uff20\t\r\n\u0000]/
const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i

/** One cell of a CSV file for people: quoted where needed, and never a formula to a spreadsheet; numbers stay as they are. */
export function csvCell(text: string): string {
  const harmless = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}
