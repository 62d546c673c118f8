import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readSettings } from '../../../src/config/read.js'

const NOBODY = 65_534
// Files of another user can be made by root alone.
const mayGiveAway = process.getuid?.() === 0
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'churn-ops-test-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

describe.skipIf(!mayGiveAway)(
  'in a folder that everybody can write (only root can lay out the files)',
  () => {
    beforeEach(() => chmodSync(folder, 0o1777))

    test('settings of another user are refused before they are used', async () => {
      const file = join(folder, 'churn-ops.json')
      writeFileSync(file, '{"python":"/tmp/evil"}')
      expect((await readSettings({}, {}, folder)).python).toBe('/tmp/evil')
      chownSync(file, NOBODY, NOBODY)
      await expect(readSettings({}, {}, folder)).rejects.toMatchObject({ code: 'FOLDER_UNSAFE', exitCode: 8 })
      chmodSync(folder, 0o755)
      expect((await readSettings({}, {}, folder)).python).toBe('/tmp/evil')
    })

    test.each(['mlflow.db', '.churn-ops'])('a %s of another user is refused', async (name) => {
      mkdirSync(join(folder, name))
      await expect(readSettings({}, {}, folder)).resolves.toMatchObject({ model: 'RandomForestGridSearch' })
      chownSync(join(folder, name), NOBODY, NOBODY)
      await expect(readSettings({}, {}, folder)).rejects.toMatchObject({ code: 'FOLDER_UNSAFE' })
    })
  },
)

test.each(['../../elsewhere', '/etc', 'a/b', '.hidden', 'a\u0000b'])(
  'an experiment named %j cannot lead out of the folder of the store',
  async (experiment) => {
    writeFileSync(join(folder, 'churn-ops.json'), JSON.stringify({ experiment }))
    await expect(readSettings({}, {}, folder)).rejects.toMatchObject({ code: 'CONFIG_INVALID', exitCode: 2 })
  },
)
