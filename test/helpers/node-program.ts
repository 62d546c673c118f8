import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { bridgeFixture, systemPython } from './bridge.js'

/** What test/fixtures/bridge/node-program.mjs tells about itself, line by line. */
export interface Fact {
  started?: number
  progress?: { text: string }
  answer?: unknown
  error?: { code: string; message: string }
  disposed?: true
  /** A line that is none of ours. */
  other?: string
}

/** A Node process of its own that calls Python through the built bridge. */
export interface NodeProgram {
  child: ChildProcess
  facts: Fact[]
  /** Resolves with the first fact that fits; rejects when the process ends without it. */
  until(fits: (fact: Fact) => boolean): Promise<Fact>
  /** Resolves with all that it printed to stdout. */
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; stdout: string }>
}

/** Starts the program as the leader of its own process group, as a shell would. */
export function startNodeProgram(
  method: string,
  payload: unknown,
  variables: NodeJS.ProcessEnv = {},
  entry = 'entry.py',
): NodeProgram {
  const child = spawn(
    process.execPath,
    [bridgeFixture('node-program.mjs'), systemPython, bridgeFixture(entry), method, JSON.stringify(payload)],
    { detached: true, stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...variables } },
  )
  const facts: Fact[] = []
  const waiting = new Set<() => void>()
  const wake = (): void => {
    for (const look of waiting) look()
  }
  createInterface({ input: child.stderr }).on('line', (line) => {
    facts.push(readFact(line))
    wake()
  })
  let stdout = ''
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
  })
  let over = false
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null; stdout: string }>(
    (resolve) => {
      child.once('close', (code, signal) => {
        over = true
        wake()
        resolve({ code, signal, stdout })
      })
    },
  )
  const until = (fits: (fact: Fact) => boolean): Promise<Fact> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = facts.find(fits)
        if (found === undefined && !over) return
        waiting.delete(look)
        if (found === undefined) reject(new Error(`ended without it: ${JSON.stringify(facts)}`))
        else resolve(found)
      }
      waiting.add(look)
      look()
    })
  return { child, facts, until, ended }
}

function readFact(line: string): Fact {
  try {
    return JSON.parse(line) as Fact
  } catch {
    return { other: line }
  }
}
