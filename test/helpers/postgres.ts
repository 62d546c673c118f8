import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { packageRoot } from '../../src/compose.js'
import { testPython } from './python.js'

/** A throw-away PostgreSQL cluster; user and password are in its addresses. */
export interface Postgres {
  /** Which PostgreSQL it is: of the system, of the PATH or of npm. */
  origin: string
  /** Makes a new database and gives its address. */
  database(): Promise<string>
  /** Ends every session, politely or at once, and starts the server again on the same port. */
  restart(how?: 'restart' | 'crash'): Promise<void>
  stop(): Promise<void>
  start(): Promise<void>
  close(): Promise<void>
}

/** Starts one; `missing` says why there is none. */
export async function startPostgres(): Promise<Postgres | { missing: string }> {
  const child = spawn(await testPython(), [join(packageRoot, 'test', 'python', 'postgres.py')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = new Promise((resolve) => child.once('close', resolve))
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const read = async (): Promise<Record<string, string>> => {
    const line = await lines.next()
    if (line.done === true) throw new Error('postgres.py ended without an answer')
    return JSON.parse(line.value) as Record<string, string>
  }
  const ask = (command: string): Promise<Record<string, string>> => {
    child.stdin.write(`${command}\n`)
    return read()
  }
  const first = await read()
  if (first.missing !== undefined) return { missing: first.missing }
  console.error(`PostgreSQL of ${first.origin}`)
  return {
    origin: first.origin ?? '',
    database: async () => (await ask('database')).uri ?? '',
    restart: async (how = 'restart') => void (await ask(how)),
    stop: async () => void (await ask('stop')),
    start: async () => void (await ask('start')),
    close: async () => {
      child.stdin.end()
      await ended
    },
  }
}
