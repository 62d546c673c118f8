import { isAbsolute, resolve } from 'node:path'
import type { Complaint } from './complaints.js'

/** Longest name that registries hold in one path segment. */
const MAX_NAME_LENGTH = 200

/** What is wrong with a model name, or null: it becomes part of paths, URIs and command lines. */
export function modelNameComplaint(name: string): Complaint | null {
  if (/^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(name) && name.length <= MAX_NAME_LENGTH) return null
  const text = `The model name ${JSON.stringify(name.slice(0, 100))} has other characters than letters, digits, ".", "_" and "-", begins with one of "." and "-", or is longer than ${MAX_NAME_LENGTH}.`
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
  if (/[\u0000-\u001f\u007f]/.test(uri)) return refuse('has control characters')
  if (uri.startsWith('sqlite:')) return normalizeSqlite(uri, folder, refuse)
  if (/^(https?|postgresql(\+psycopg)?):\/\//.test(uri)) {
    // As http, because the URL parser knows no host of other schemes.
    if (!URL.canParse(uri.replace(/^postgresql(\+psycopg)?:/, 'http:')))
      return refuse('has no host or is not well formed')
    return { uri: uri.startsWith('http') ? uri.replace(/\/+$/, '') : uri, complaint: null }
  }
  return refuse('is none of sqlite:///FILE, http(s)://HOST and postgresql://HOST/DATABASE')
}

/** A URI as it may be shown: the password is left out. */
export function withoutPassword(uri: string): string {
  return uri.slice(0, 300).replace(/(:\/\/[^/@:]*):[^/]*@/, '$1:***@')
}

function normalizeSqlite(
  uri: string,
  folder: string,
  refuse: (why: string) => { uri: null; complaint: Complaint },
): { uri: string; complaint: null } | { uri: null; complaint: Complaint } {
  const file = uri.slice('sqlite:///'.length)
  if (!uri.startsWith('sqlite:///')) return refuse('needs three slashes: sqlite:///mlflow.db')
  if (file === '' || file === ':memory:') return refuse('names no file; a store in memory would be lost')
  if (file.includes('?')) return refuse('has a query; write the file alone')
  return { uri: `sqlite:///${isAbsolute(file) ? resolve(file) : resolve(folder, file)}`, complaint: null }
}
