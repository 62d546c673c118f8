import { readdir, readFile, readlink } from 'node:fs/promises'
import { runToEnd } from './run.js'

/** Who listens on a port; both null when that is hidden from us (another user's process). */
export interface PortHolder {
  pid: number | null
  program: string | null
}

const LISTENING = '0A'
const LSOF_TIMEOUT_MS = 3_000

/** The process that listens on a TCP port of this machine, or null when nobody does. */
export async function portHolder(port: number): Promise<PortHolder | null> {
  return process.platform === 'linux' ? fromProc(port) : fromLsof(port)
}

async function fromProc(port: number): Promise<PortHolder | null> {
  const tables = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map((path) => readFile(path, 'utf8').catch(() => '')),
  )
  const inodes = tables.flatMap((table) => listeningInodes(table, port))
  if (inodes.length === 0) return null
  const wanted = new Set(inodes.map((inode) => `socket:[${inode}]`))
  for (const entry of await readdir('/proc')) {
    if (/^\d+$/.test(entry) && (await holdsAny(entry, wanted))) {
      const program = await readFile(`/proc/${entry}/comm`, 'utf8').catch(() => '')
      return { pid: Number(entry), program: program.trim() || null }
    }
  }
  return { pid: null, program: null }
}

/** Inodes of the listening sockets on `port` in the text of `/proc/net/tcp`. */
export function listeningInodes(table: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(suffix) === true && fields[3] === LISTENING)
    .flatMap((fields) => fields[9] ?? [])
}

async function holdsAny(pid: string, wanted: ReadonlySet<string>): Promise<boolean> {
  const folder = `/proc/${pid}/fd`
  // Processes of other users and those that just ended cannot be read; they are skipped.
  const descriptors = await readdir(folder).catch((): string[] => [])
  const targets = await Promise.all(descriptors.map((name) => readlink(`${folder}/${name}`).catch(() => '')))
  return targets.some((target) => wanted.has(target))
}

async function fromLsof(port: number): Promise<PortHolder | null> {
  const listed = await runToEnd('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'], {
    timeoutMs: LSOF_TIMEOUT_MS,
  })
  const pid = /^p(\d+)$/m.exec(listed.stdout)?.[1]
  if (pid === undefined) return null
  return { pid: Number(pid), program: /^c(.+)$/m.exec(listed.stdout)?.[1] ?? null }
}
