// Exactly what Python's str.strip removes, so that both sides agree on what is blank.
const BLANK = '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000'
const ONLY_BLANKS = new RegExp(`^[${BLANK}]*$`)
const OUTER_BLANKS = new RegExp(`^[${BLANK}]+|[${BLANK}]+$`, 'g')
const NUMBER = new RegExp(`^[${BLANK}]*([-+]?(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:[eE][-+]?[0-9]+)?)[${BLANK}]*$`)

/** Longest value that a problem quotes. */
const SHOWN_LENGTH = 100

/** True for a field of blanks only: a missing value. */
export function isBlank(text: string): boolean {
  return text === '' || ONLY_BLANKS.test(text)
}

/**
 * Reads a decimal number as Python's float does, or null: no thousands, no hexadecimal, no Infinity, no NaN, and none that
 * scikit-learn cannot take. Spaces around it are allowed.
 */
export function parseNumber(text: string): number | null {
  const number = decimal(text)
  return number !== null && fitsFloat32(number) ? number : null
}

/** True for a decimal number whose only fault is its size. */
export function isTooLarge(text: string): boolean {
  const number = decimal(text)
  return number !== null && !fitsFloat32(number)
}

function decimal(text: string): number | null {
  const digits = NUMBER.exec(text)?.[1]
  return digits === undefined ? null : Number(digits)
}

// Forests hold features as float32, and scikit-learn refuses a whole table for one number that becomes infinite there.
function fitsFloat32(number: number): boolean {
  return Number.isFinite(Math.fround(number))
}

/** A name or value without the spaces around it, as Python's str.strip gives it. */
export function trimBlanks(text: string): string {
  return mayHaveOuterBlanks(text) ? text.replace(OUTER_BLANKS, '') : text
}

// Nearly no field has any, and an expression looks at every character.
function mayHaveOuterBlanks(text: string): boolean {
  return !isInk(text.charCodeAt(0)) || !isInk(text.charCodeAt(text.length - 1))
}

function isInk(code: number): boolean {
  return code > 0x20 && code < 0x7f
}

/** A value as problems hold it: cut. */
export function shownValue(text: string): string {
  return text.slice(0, SHOWN_LENGTH)
}

/** Text of a file on one line and without control characters, which could be terminal escapes. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}
