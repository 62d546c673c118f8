import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot, pythonVariables } from '../../src/compose.js'
import { testPython } from './python.js'

/** One forest to fit, as `scripts/prove/forests.py` takes it. */
export interface ForestCase {
  name: string
  estimator: string
  params: Record<string, unknown>
  blanks: number
  seed: number
}

/** Fits forests on rows of the bundled table and writes each compiled, with its proof, into a folder of its name. */
export async function makeForests(
  folder: string,
  cases: readonly ForestCase[],
  sizes: { trainRows: number; rows: number; adversarialRows: number; boundaryRows: number },
): Promise<void> {
  execFileSync(await testPython(), [join(packageRoot, 'scripts', 'prove', 'forests.py')], {
    input: JSON.stringify({
      data: join(packageRoot, 'data', 'telco-customer-churn.csv'),
      folder,
      cases,
      ...sizes,
    }),
    env: { ...process.env, ...pythonVariables() },
    stdio: ['pipe', 'inherit', 'inherit'],
  })
}

interface Listed {
  arrays: Record<string, { type: string; offset: number; length: number }>
}

/** A copy of a compiled forest with its binary changed and signed again, as a bug of the compiler would leave it. */
export function tampered(
  folder: string,
  to: string,
  change: (
    array: (name: string) => Float64Array | Uint32Array | Uint16Array,
    header: Record<string, unknown>,
  ) => void,
): string {
  cpSync(folder, to, { recursive: true })
  const header = JSON.parse(readFileSync(join(folder, 'forest.json'), 'utf8')) as Record<string, unknown> &
    Listed
  const memory = new Uint8Array(readFileSync(join(folder, 'forest.bin'))).buffer
  change((name) => {
    const { type, offset, length } = header.arrays[name] as Listed['arrays'][string]
    if (type === 'float64') return new Float64Array(memory, offset, length)
    return new (type === 'uint16' ? Uint16Array : Uint32Array)(memory, offset, length)
  }, header)
  const sha256 = createHash('sha256').update(new Uint8Array(memory)).digest('hex')
  writeFileSync(join(to, 'forest.bin'), new Uint8Array(memory))
  writeFileSync(join(to, 'forest.json'), JSON.stringify({ ...header, sha256 }))
  return to
}
