const SQLITE = 'sqlite:///'
// What ends or changes a path inside a URL, and what URL parsers drop. All else stays: MLflow takes the unquoted text too,
// and makes an empty folder of that name when it is another.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is written in another way.
const SPECIAL = /%(?=[0-9a-f]{2})|[?\u0000-\u001f\u007f]/gi

/** The address of the SQLite file at a path: the one way that a path becomes an address of ours. */
export function sqliteAddress(path: string): string {
  return `${SQLITE}${escaped(path)}`
}

/** A path as it stands in a URL. */
export function escaped(path: string): string {
  return path.replace(SPECIAL, (character) => `%${hex(character)}`)
}

/**
 * The path, as written, of the file behind a `sqlite:///` address; null for other stores.
 *
 * `%41` is `A` and a lone `%` is itself, as SQLAlchemy reads them; bytes that are no text become U+FFFD.
 */
export function sqliteFile(address: string): string | null {
  return address.startsWith(SQLITE) ? unescaped(address.slice(SQLITE.length)) : null
}

/** The path that stands in a URL, as SQLAlchemy reads it. */
export function unescaped(part: string): string {
  return part.replace(/(?:%[0-9a-f]{2})+/gi, decoded)
}

/** What keeps a file from being a store, such as `has control characters`; null for a path that can be one. */
export function pathComplaint(path: string): string | null {
  if (path.includes('\u0000')) return 'contains the character NUL (%00), which file names cannot contain'
  if (path.includes('\ufffd'))
    return 'contains bytes that are not UTF-8 text (shown as \ufffd), which neither Node nor MLflow can name'
  return null
}

function decoded(run: string): string {
  try {
    return decodeURIComponent(run)
  } catch {
    return '\ufffd'
  }
}

function hex(character: string): string {
  return character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')
}

/** Where runs, versions and their files are. */
export interface StoreAddress {
  trackingUri: string
  model: string
}
