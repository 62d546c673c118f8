/** A document, or what is wrong with it; never a piece of what was sent. */
export type StrictJson = { ok: true; value: unknown } | { ok: false; problem: string }

const MAXIMUM_DEPTH = 32
// A double holds every whole number of up to 15 digits.
const SAFE_DIGITS = 15
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const SURROGATE = /\p{Surrogate}/u

/**
 * Reads JSON that means the same to every reader: UTF-8, no key twice in an object, no number that a double cannot hold,
 * nothing nested deeper than 32 levels.
 */
export function parseStrictJson(bytes: Uint8Array): StrictJson {
  const text = textOf(bytes)
  if (text === null) return { ok: false, problem: 'the body is not UTF-8 text' }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { ok: false, problem: 'the body is not JSON (NaN and Infinity are not part of it)' }
  }
  const problem = objection(text)
  return problem === null ? { ok: true, value } : { ok: false, problem }
}

/** The text of UTF-8 bytes without a byte order mark; null for other bytes. */
export function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return null
  }
}

/** What JSON.parse passes over in a text that it has accepted; null for nothing. */
function objection(text: string): string | null {
  // One entry a level: the keys of an object so far, null for an array.
  const levels: (Set<string> | null)[] = []
  let keyNext = false
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at)
    if (character === QUOTE) {
      const end = stringEnd(text, at)
      const raw = text.slice(at + 1, end)
      const string = raw.includes('\\') ? String(JSON.parse(`"${raw}"`)) : raw
      if (string !== raw && SURROGATE.test(string)) return 'a text holds half of a surrogate pair'
      const keys = levels.at(-1)
      if (keyNext && keys != null) {
        if (keys.has(string)) return 'an object has the same key twice'
        keys.add(string)
        keyNext = false
      }
      at = end
    } else if (character === OPEN_OBJECT || character === OPEN_ARRAY) {
      if (levels.length === MAXIMUM_DEPTH) return `it is nested deeper than ${MAXIMUM_DEPTH} levels`
      keyNext = character === OPEN_OBJECT
      levels.push(keyNext ? new Set() : null)
    } else if (character === CLOSE_OBJECT || character === CLOSE_ARRAY) {
      levels.pop()
      keyNext = false
    } else if (character === COMMA) {
      keyNext = levels.at(-1) != null
    } else if (character === MINUS || (character >= ZERO && character <= NINE)) {
      NUMBER.lastIndex = at
      const written = NUMBER.exec(text)?.[0] ?? ''
      if (!isHeld(written)) return 'a number is larger or has more digits than a double can hold'
      at += written.length - 1
    }
  }
  return null
}

const QUOTE = 34
const COMMA = 44
const MINUS = 45
const ZERO = 48
const NINE = 57
const OPEN_ARRAY = 91
const BACKSLASH = 92
const CLOSE_ARRAY = 93
const OPEN_OBJECT = 123
const CLOSE_OBJECT = 125

function stringEnd(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end
}

function isEscaped(text: string, quote: number): boolean {
  let before = quote - 1
  while (text.charCodeAt(before) === BACKSLASH) before--
  return (quote - before) % 2 === 0
}

function isHeld(written: string): boolean {
  if (written.length <= SAFE_DIGITS) return !/[eE]/.test(written) || Number.isFinite(Number(written))
  if (!/^-?\d+$/.test(written)) return Number.isFinite(Number(written))
  const value = Number(written)
  return Number.isFinite(value) && BigInt(value) === BigInt(written)
}
