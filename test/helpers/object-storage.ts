import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { packageRoot } from '../../src/compose.js'
import { testPython } from './python.js'

/** A real S3 server of this machine, with the bucket `models`. */
export interface ObjectStorage {
  /** Address, region and credentials for commands that shall use it. */
  variables: Record<string, string>
  /** Keys of all objects in the bucket. */
  objects(): Promise<string[]>
  stop(): Promise<void>
  close(): Promise<void>
}

/** Starts one; `missing` says why there is none. */
export async function startObjectStorage(): Promise<ObjectStorage | { missing: string }> {
  const child = spawn(await testPython(), [join(packageRoot, 'test', 'python', 'object_storage.py')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = new Promise((resolve) => child.once('close', resolve))
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const read = async <T>(): Promise<T> => {
    const line = await lines.next()
    if (line.done === true) throw new Error('object_storage.py ended without an answer')
    return JSON.parse(line.value) as T
  }
  const ask = <T>(command: string): Promise<T> => {
    child.stdin.write(`${command}\n`)
    return read<T>()
  }
  const first = await read<{ missing?: string; variables?: Record<string, string> }>()
  if (first.missing !== undefined) return { missing: first.missing }
  return {
    variables: first.variables ?? {},
    objects: async () => (await ask<{ objects: string[] }>('objects')).objects,
    stop: async () => {
      await ask('stop')
    },
    close: async () => {
      child.stdin.end()
      await ended
    },
  }
}
