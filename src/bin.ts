#!/usr/bin/env node
import { main } from './cli/main.js'

// What we and the programs that we start write holds customers: it is for this user alone.
process.umask(0o077)
// A program that lies in the current folder is never taken for python3, uv or git.
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
// A reader that went away (`| head`) is no error.
process.stdout.on('error', () => process.exit(0))

const exitCode = await main(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  folder: process.cwd(),
  signal: controller.signal,
})
// Output to a pipe is written later: leave only when it is out.
process.stdout.write('', () => process.exit(exitCode))
