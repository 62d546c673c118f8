import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../../src/compose.js'

/** The bundled table. */
export const TELCO_CSV = join(packageRoot, 'data', 'telco-customer-churn.csv')

/** Header and first rows of the bundled table, fields apart; no value of it holds a comma. */
export function telcoRows(count: number): { header: string[]; rows: string[][] } {
  const [header = '', ...lines] = readFileSync(TELCO_CSV, 'utf8').split('\n')
  return { header: header.split(','), rows: lines.slice(0, count).map((line) => line.split(',')) }
}

/** A temporary folder to put tables into. */
export async function tableFolder(): Promise<{
  path: string
  put(name: string, rows: string[][] | string | Buffer): Promise<string>
  remove(): Promise<void>
}> {
  const path = await mkdtemp(join(tmpdir(), 'churn-ops-table-'))
  return {
    path,
    put: async (name, rows) => {
      const content = Array.isArray(rows) ? `${rows.map((row) => row.join(',')).join('\n')}\n` : rows
      await writeFile(join(path, name), content)
      return join(path, name)
    },
    remove: () => rm(path, { recursive: true, force: true }),
  }
}
