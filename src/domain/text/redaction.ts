/** Variables that hold a secret whatever their value looks like. */
const SECRET_VARIABLES = [
  'MLFLOW_TRACKING_PASSWORD',
  'MLFLOW_TRACKING_TOKEN',
  'CHURN_OPS_DATABASE_PASSWORD',
  'PGPASSWORD',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
]
const SECRET_NAME = /(?:PASSW(?:OR)?D|SECRET|TOKEN|API_?KEY|CREDENTIAL)/i
// User and password of a URL, up to the last @ before the path; a password may hold anything but blanks and quotes.
const USER_INFO = /([a-z][a-z0-9+.-]*:\/\/)([^/@\s"'<>:]*):([^\s"'<>]*?)@(?=[^@\s"'<>]*(?:[\s"'<>]|$))/gi
const QUERY_SECRET = /([?&][^=&\s"']*(?:passw|pwd|secret|token|api_?key)[^=&\s"']*=)[^&#\s"']+/gi
const SHORTEST_SECRET = 6

/** Takes secrets out of text, and out of every text inside a value. */
export interface Redactor {
  text(text: string): string
  value<T>(value: T): T
}

/**
 * A redactor that knows the passwords in URLs by their place, and those of the environment and of `texts` by their value.
 *
 * @param texts what may hold URLs with a password: command-line arguments, addresses of notices
 */
export function redactor(
  environment: Readonly<Record<string, string | undefined>>,
  texts: readonly string[] = [],
): Redactor {
  const secrets = secretsOf(environment, texts)
  const text = (written: string): string => {
    let shown = withoutSecretParts(written)
    for (const secret of secrets) shown = shown.replaceAll(secret, '***')
    return shown
  }
  const value = (given: unknown): unknown => {
    if (typeof given === 'string') return text(given)
    if (Array.isArray(given)) return given.map(value)
    if (given === null || typeof given !== 'object' || Object.getPrototypeOf(given) !== Object.prototype)
      return given
    return Object.fromEntries(Object.entries(given).map(([name, inner]) => [name, value(inner)]))
  }
  return { text, value: <T>(given: T) => value(given) as T }
}

/** True for a URL with a password in it. */
export function holdsPassword(url: string): boolean {
  return new RegExp(USER_INFO.source, 'i').test(url)
}

function secretsOf(
  environment: Readonly<Record<string, string | undefined>>,
  texts: readonly string[],
): string[] {
  const found = new Set<string>()
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined) continue
    if (SECRET_VARIABLES.includes(name) || SECRET_NAME.test(name)) found.add(value)
    if (value.includes('://')) for (const secret of passwords(value)) found.add(secret)
  }
  for (const text of texts) for (const secret of passwords(text)) found.add(secret)
  // The longest first, lest one that is part of another leaves the rest of it.
  return [...found].filter(isTelling).sort((one, other) => other.length - one.length)
}

function passwords(text: string): string[] {
  return [...text.matchAll(USER_INFO)].flatMap(([, , , password = '']) => [password, decoded(password)])
}

// `mlflow:mlflow@` is common, and the word without its place tells nobody anything.
function isTelling(secret: string): boolean {
  return secret.length >= SHORTEST_SECRET && !/^(?:[a-z]{1,11}|true|false|\d{1,6}|\/.*)$/.test(secret)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** A URI as it may be shown: without its passwords, and without a user that stands alone, which may be a token. */
export function withoutPassword(uri: string): string {
  return withoutSecretParts(uri)
    .replace(/:\/\/[^/@:]+@/, '://***@')
    .slice(0, 300)
}

function withoutSecretParts(text: string): string {
  return text.replace(USER_INFO, '$1$2:***@').replace(QUERY_SECRET, '$1***')
}
