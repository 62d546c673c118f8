import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'

/** A file that is written next to its place and takes it when it is whole; what was there before stays until then. */
export interface Draft {
  /** When it fails nothing of the draft is left. */
  write(text: string): void
  /** Puts the file in its place, on the disk; when that fails nothing of it is left. */
  commit(): void
  /** Takes away what was written. Safe to repeat. */
  discard(): void
}

/** Opens a draft for `target`, which only the user may read; folders on the way are made. */
export function openDraft(target: string): Draft {
  const path = `${target}.${process.pid}.part`
  // Told now and not when everything has been written.
  if (statSync(target, { throwIfNoEntry: false })?.isDirectory() === true) throw new DirectoryError(target)
  mkdirSync(dirname(target), { recursive: true, mode: 0o700 })
  // A part of the same process id is left over from one that was killed, or a link that somebody laid out for us.
  rmSync(path, { force: true })
  const descriptor = openSync(path, 'wx', 0o600)
  let open = true
  const end = (): void => {
    process.removeListener('exit', discard)
    if (open) closeSync(descriptor)
    open = false
  }
  const discard = (): void => {
    if (!open) return
    rmSync(path, { force: true })
    end()
  }
  // Ctrl-C may end the process while it is written.
  process.once('exit', discard)
  const orDiscard = (work: () => void): void => {
    try {
      work()
    } catch (error) {
      discard()
      throw error
    }
  }
  return {
    // All of it: a plain write may stop in the middle of a text when the disk is full.
    write: (text) => orDiscard(() => writeFileSync(descriptor, text)),
    commit: () => {
      orDiscard(() => {
        fsyncSync(descriptor)
        renameSync(path, target)
      })
      end()
      syncFolder(dirname(target))
    },
    discard,
  }
}

class DirectoryError extends Error {
  readonly code = 'EISDIR'
}

/** Writes a whole file at once, as a draft. */
export function replaceFile(target: string, text: string): void {
  const draft = openDraft(target)
  draft.write(text)
  draft.commit()
}

// Without it a power cut may bring the old file back; some file systems know no such thing.
function syncFolder(folder: string): void {
  let descriptor: number | null = null
  try {
    descriptor = openSync(folder, 'r')
    fsyncSync(descriptor)
  } catch {
    // The file itself is on the disk.
  } finally {
    if (descriptor !== null) closeSync(descriptor)
  }
}
