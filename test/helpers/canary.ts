import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A secret that stands nowhere else in the world. */
export function canary(name: string): string {
  return `Canary${name}-${randomBytes(6).toString('hex')}`
}

/** Files below folders whose bytes hold one of the texts. */
export function filesWith(texts: readonly string[], folders: readonly string[]): string[] {
  return folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => {
        const content = contentOf(path)
        return texts.some((text) => content.includes(text))
      }),
  )
}

/** Watches the files of a folder, and the command lines of all that has it in its variables, until it is told to stop. */
export function watch(texts: readonly string[], folder: string): () => string[] {
  const seen = new Set<string>()
  const look = (): void => {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      const line = contentOf(`/proc/${pid}/cmdline`).toString()
      const found = texts.some((text) => line.includes(text))
      if (found && contentOf(`/proc/${pid}/environ`).includes(folder))
        seen.add(`process ${pid}: ${line.replaceAll('\0', ' ')}`)
    }
    try {
      for (const path of filesWith(texts, [folder])) seen.add(path)
    } catch {
      // A folder was removed while it was read.
    }
  }
  const timer = setInterval(look, 300)
  return () => {
    clearInterval(timer)
    look()
    return [...seen]
  }
}

function contentOf(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch {
    // It is gone, or a socket.
    return Buffer.alloc(0)
  }
}
