import { resolve } from 'node:path'
import { pathComplaint, sqliteAddress, sqliteFile } from '../domain/store-address.js'
import { withoutPassword } from '../domain/text/redaction.js'
import type { Complaint } from './complaints.js'

/** Longest name that registries hold in one path segment. */
const MAX_NAME_LENGTH = 200

/** What is wrong with a model name, or null: it becomes part of paths, URIs and command lines. */
export function modelNameComplaint(name: string): Complaint | null {
  if (/^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(name) && name.length <= MAX_NAME_LENGTH) return null
  const text = `The model name ${JSON.stringify(name.slice(0, 100))} contains characters other than letters, digits, ".", "_" and "-", starts with "." or "-", or is longer than ${MAX_NAME_LENGTH}.`
  return { code: 'MODEL_NAME_INVALID', text }
}

/** A tracking URI in the form that every part uses, or what is wrong with it. */
export function normalizeTrackingUri(
  uri: string,
  folder: string,
): { uri: string; complaint: null } | { uri: null; complaint: Complaint } {
  const refuse = (why: string): { uri: null; complaint: Complaint } => ({
    uri: null,
    complaint: { code: 'URL_INVALID', text: `The tracking URI ${withoutPassword(uri)} ${why}.` },
  })
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  if (/[\u0000-\u001f\u007f]/.test(uri)) return refuse('contains control characters')
  if (uri.startsWith('sqlite:')) return normalizeSqlite(uri, folder, refuse)
  if (/^(https?|postgresql(\+psycopg)?):\/\//.test(uri)) {
    // As http, because the URL parser knows no host of other schemes.
    if (!URL.canParse(uri.replace(/^postgresql(\+psycopg)?:/, 'http:')))
      return refuse('has no host or is malformed')
    return { uri: uri.startsWith('http') ? uri.replace(/\/+$/, '') : uri, complaint: null }
  }
  return refuse('is not sqlite:///FILE, http(s)://HOST or postgresql://HOST/DATABASE')
}

/**
 * Where files are, as `s3://BUCKET/PREFIX` or an absolute folder, or what is wrong with it.
 *
 * @param place a folder, `file:///FOLDER` or `s3://BUCKET/PREFIX`; nothing else is allowed
 */
export function normalizeArtifacts(
  place: string,
  folder: string,
): { place: string; complaint: null } | { place: null; complaint: Complaint } {
  const refuse = (why: string): { place: null; complaint: Complaint } => ({
    place: null,
    complaint: { code: 'URL_INVALID', text: `The location for files, ${withoutPassword(place)}, ${why}.` },
  })
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  if (/[\u0000-\u001f\u007f]/.test(place)) return refuse('contains control characters')
  const bucket = /^s3:\/\/([^/]*)(.*)$/.exec(place)
  if (bucket !== null) {
    const [, name = '', prefix = ''] = bucket
    if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) || name.includes('..'))
      return refuse('needs a bucket name of 3 to 63 lowercase letters, digits, dots and dashes')
    const parts = prefix.split('/').filter((part) => part !== '')
    if (parts.some((part) => !/^[\w!.*'()-]+$/.test(part) || /^\.+$/.test(part)))
      return refuse("has characters in its prefix other than letters, digits and !-_.*'()")
    return { place: ['s3:/', name, ...parts].join('/'), complaint: null }
  }
  if (place.startsWith('file://')) {
    const path = decoded(place)
    return path === null ? refuse('is not file:///FOLDER') : { place: path, complaint: null }
  }
  if (/^[a-z][\w+.-]*:/i.test(place)) return refuse('is not s3://BUCKET/PREFIX, file:///FOLDER or a folder')
  return { place: resolve(folder, place), complaint: null }
}

function decoded(uri: string): string | null {
  if (!URL.canParse(uri)) return null
  const { host, pathname, search, hash } = new URL(uri)
  if (host !== '' || search !== '' || hash !== '') return null
  try {
    return resolve(decodeURIComponent(pathname))
  } catch {
    return null
  }
}

function normalizeSqlite(
  uri: string,
  folder: string,
  refuse: (why: string) => { uri: null; complaint: Complaint },
): { uri: string; complaint: null } | { uri: null; complaint: Complaint } {
  const file = sqliteFile(uri)
  if (file === null) return refuse('needs three slashes: sqlite:///mlflow.db')
  if (file === '' || file === ':memory:') return refuse('names no file; an in-memory store would be lost')
  if (uri.includes('?')) return refuse('has a query; write only the file, and a ? in its name as %3F')
  const path = resolve(folder, file)
  const wrong = pathComplaint(path)
  return wrong === null
    ? { uri: sqliteAddress(path), complaint: null }
    : refuse(`leads to ${path}, which ${wrong}`)
}
