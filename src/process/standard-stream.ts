import { fstatSync, writeSync } from 'node:fs'
import { isatty } from 'node:tty'

/** Standard output or error, which knows whether all that was given to it arrived. */
export interface StandardStream {
  write(text: string): void
  readonly isTTY: boolean
  readonly columns: number | undefined
  /** Resolves when everything is out; with the system's code (`ENOSPC`, `EIO`) when something is lost. */
  flushed(): Promise<string | null>
}

type NodeStream = NodeJS.WritableStream & { isTTY?: boolean; columns?: number }

// The reader wanted no more, which is its right (`| head`).
const READER_GONE = ['EPIPE', 'ECONNRESET']

/** Wraps a standard stream of this process; after a failure nothing more is written to it. */
export function standardStream(descriptor: 1 | 2): StandardStream {
  const facts = fstatSync(descriptor)
  const isFile = facts.isFile() || (facts.isCharacterDevice() && !isatty(descriptor))
  return isFile ? fileStream(descriptor) : pipeStream(descriptor === 1 ? process.stdout : process.stderr)
}

/** Node's own stream for files takes a short write, as on a disk that fills up, for a whole one. */
function fileStream(descriptor: number): StandardStream {
  let failure: string | null = null
  return {
    write(text) {
      const bytes = Buffer.from(text)
      try {
        for (let written = 0; failure === null && written < bytes.length; )
          written += writeSync(descriptor, bytes, written)
      } catch (error) {
        failure = codeOf(error)
      }
    },
    isTTY: false,
    columns: undefined,
    flushed: async () => failure,
  }
}

function pipeStream(stream: NodeStream): StandardStream {
  let failure: string | null = null
  let isOver = false
  let waiting = 0
  let wake: () => void = () => undefined
  const end = (error: unknown): void => {
    if (!isOver && !READER_GONE.includes(codeOf(error))) failure = codeOf(error)
    isOver = true
    wake()
  }
  stream.on('error', end)
  return {
    write(text) {
      if (isOver) return
      waiting++
      stream.write(text, (error) => {
        waiting--
        if (error != null) end(error)
        else wake()
      })
    },
    isTTY: stream.isTTY === true,
    get columns() {
      return stream.columns
    },
    async flushed() {
      while (!isOver && waiting > 0)
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      return failure
    },
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
}
