import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, realpath, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runToEnd } from '../../src/process/run.js'

/** A wheel folder with one small package, and a lock that names it: environments are made in seconds, offline. */
export interface TinyLock {
  folder: string
  wheels: string
  requirements: string
  /** A lock of the same package with a hash that no file has. */
  wrongHash: string
  /** pip's and uv's own variables for that folder. */
  variables: Record<string, string>
}

export const TINY_PACKAGE = 'churn-ops-tiny'

const MAKE_WHEEL = `
import sys, zipfile
name, info = "churn_ops_tiny", "churn_ops_tiny-1.0.0.dist-info"
with zipfile.ZipFile(sys.argv[1] + "/churn_ops_tiny-1.0.0-py3-none-any.whl", "w") as wheel:
    wheel.writestr(name + ".py", "value = 7\\n")
    wheel.writestr(info + "/METADATA", "Metadata-Version: 2.1\\nName: churn-ops-tiny\\nVersion: 1.0.0\\n")
    wheel.writestr(info + "/WHEEL", "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr(info + "/RECORD", name + ".py,,\\n" + info + "/METADATA,,\\n" + info + "/WHEEL,,\\n" + info + "/RECORD,,\\n")
`

export async function makeTinyLock(): Promise<TinyLock> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'churn-ops-tiny-')))
  const wheels = join(folder, 'wheels')
  await mkdir(wheels)
  const made = await runToEnd('python3', ['-c', MAKE_WHEEL, wheels])
  if (made.exitCode !== 0) throw new Error(`The test wheel could not be made: ${made.stderr}`)
  const wheel = await readFile(join(wheels, 'churn_ops_tiny-1.0.0-py3-none-any.whl'))
  const hash = createHash('sha256').update(wheel).digest('hex')
  const requirements = join(folder, 'requirements.txt')
  const wrongHash = join(folder, 'wrong-hash.txt')
  await writeFile(requirements, lockOf(hash))
  await writeFile(wrongHash, lockOf('0'.repeat(64)))
  return {
    folder,
    wheels,
    requirements,
    wrongHash,
    variables: {
      PIP_NO_INDEX: '1',
      PIP_FIND_LINKS: wheels,
      CHURN_OPS_HOME: join(folder, 'home'),
    },
  }
}

function lockOf(hash: string): string {
  const marked = `absent-package==9.9.9 ; sys_platform == 'win32' \\\n    --hash=sha256:${hash}\n`
  return `${TINY_PACKAGE}==1.0.0 \\\n    --hash=sha256:${hash}\n${marked}`
}
