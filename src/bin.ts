#!/usr/bin/env node
import { main } from './cli/main.js'
import { standardStream } from './process/standard-stream.js'

// What we and the programs that we start write holds customers: it is for this user alone.
process.umask(0o077)
// A program that is in the current folder is never taken for python3, uv or git.
const folders = (process.env.PATH ?? '').split(':').filter((folder) => folder.startsWith('/'))
process.env.PATH = folders.length > 0 ? folders.join(':') : '/usr/bin:/bin'

const controller = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // A second signal means that the user does not want to wait.
    if (controller.signal.aborted) process.exit(signal === 'SIGINT' ? 130 : 143)
    controller.abort(signal)
  })
}

const exitCode = await main(process.argv.slice(2), {
  stdout: standardStream(1),
  stderr: standardStream(2),
  environment: process.env,
  folder: currentFolder(),
  signal: controller.signal,
})
process.exit(exitCode)

/** Null when it was deleted under us. */
function currentFolder(): string | null {
  try {
    return process.cwd()
  } catch {
    return null
  }
}
