import { temporaryPlace } from './temporary-folder.js'

// They say where byte code goes, and nothing else.
const KEPT = ['PYTHONDONTWRITEBYTECODE', 'PYTHONPYCACHEPREFIX']
/** This machine, as urllib (names alone), requests (networks too) and their like read it. */
const LOOPBACK = ['localhost', '127.0.0.1', '127.0.0.0/8', '::1', '[::1]', '0.0.0.0']

type Variables = Readonly<Record<string, string | undefined>>

/**
 * Changes to the environment for every Python that we start, undefined removing a variable: the user's own settings for
 * Python (warnings that are errors, other modules, an interpreter that asks) are for the user's own programs, a proxy is for the
 * world outside and never for this machine, and temporary files go where ours go.
 */
export function isolatedPython(variables: Variables = process.env): Record<string, string | undefined> {
  const own = Object.keys(variables).filter((name) => name.startsWith('PYTHON') && !KEPT.includes(name))
  return {
    ...Object.fromEntries(own.map((name) => [name, undefined])),
    // With it the Python of macOS takes another interpreter for itself.
    __PYVENV_LAUNCHER__: undefined,
    PYTHONNOUSERSITE: '1',
    // Whatever the locale says, text is UTF-8.
    PYTHONUTF8: '1',
    TMPDIR: temporaryPlace(variables).path,
    ...loopbackUnproxied(variables),
  }
}

function loopbackUnproxied(variables: Variables): Record<string, string> {
  const isProxied = Object.entries(variables).some(
    ([name, value]) => /_proxy$/i.test(name) && !/^no_proxy$/i.test(name) && value,
  )
  // In this order urllib, requests and curl read them.
  const given = variables.no_proxy || variables.NO_PROXY || ''
  // Without a proxy the variable would hide the one that macOS has in its settings.
  if (!isProxied || given.trim() === '*') return {}
  const all = [given, ...LOOPBACK].filter((name) => name !== '').join(',')
  return { no_proxy: all, NO_PROXY: all }
}
