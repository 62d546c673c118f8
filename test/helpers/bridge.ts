import { execFileSync, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { PythonProcess } from '../../src/bridge/python-process.js'

/** Absolute path of a file in test/fixtures/bridge. */
export function bridgeFixture(name: string): string {
  return fileURLToPath(new URL(`../fixtures/bridge/${name}`, import.meta.url))
}

/** The system's own Python: bridge tests need no packages. */
export const systemPython = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], {
  encoding: 'utf8',
}).trim()

/** Starts a Python process on a fixture, by default on the test programs behind the true entry. */
export function startPython(
  entry = 'entry.py',
  environment: Record<string, string | undefined> = {},
): Promise<PythonProcess> {
  return PythonProcess.start({ interpreter: systemPython, entry: bridgeFixture(entry), environment })
}

/** The error that a promise rejects with; fails when it resolves. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('expected a rejection')
}

/** True while a process exists and is no zombie. */
export function isRunning(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' })
  const state = stdout.trim()
  return state !== '' && !state.startsWith('Z')
}

/** Resolves when a process is gone. */
export async function untilGone(pid: number, withinMs: number): Promise<void> {
  const deadline = Date.now() + withinMs
  while (isRunning(pid)) {
    if (Date.now() > deadline) throw new Error(`process ${pid} still runs after ${withinMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}
