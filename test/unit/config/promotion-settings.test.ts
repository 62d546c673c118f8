import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readSettings } from '../../../src/config/read.js'
import { readPolicy } from '../../../src/config/read-policy.js'
import { policyRules } from '../../../src/domain/promotion/policy.js'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'churn-ops-policy-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const rules = policyRules.parse({})

async function file(name: string, content: unknown): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

describe('the policy', () => {
  it('is gated with the rules of the settings, or the documents’ own', async () => {
    await file('churn-ops.json', { promotion: { floor: 0.6 } })
    const settings = await readSettings({}, {}, folder)
    expect(settings.policy).toBe('gated')
    expect(await readPolicy('gated', settings.promotion)).toEqual({
      name: 'gated',
      rules: { ...rules, floor: 0.6 },
    })
    expect(await readPolicy('documents', rules)).toEqual({ name: 'documents', rules: null })
  })

  it('may be a file with rules; what it leaves out is as usual', async () => {
    const path = await file('mild.json', { gate: 'not-worse', tolerance: 0.02 })
    expect(await readPolicy(path, rules)).toEqual({
      name: path,
      rules: { ...rules, gate: 'not-worse', tolerance: 0.02 },
    })
  })

  it('is refused when it is unknown, unreadable or has a key that means nothing', async () => {
    const wrong: [string, string][] = [
      ['gatted', '--policy gated'],
      ['nonsense', 'one of gated, documents'],
      [join(folder, 'nowhere.json'), 'Fix the file'],
      [await file('broken.json', '{'), 'Fix the file'],
      [await file('key.json', { marginn: 1 }), 'Fix the file'],
    ]
    for (const [name, hint] of wrong) {
      await expect(readPolicy(name, rules), name).rejects.toMatchObject({
        code: 'POLICY_INVALID',
        hint: expect.stringContaining(hint),
      })
    }
    await expect(readPolicy(join(folder, 'key.json'), rules)).rejects.toThrow('Did you mean margin?')
  })

  it('is refused in the settings file by the key that is unknown', async () => {
    await file('churn-ops.json', { promotion: { marginn: 1 } })
    await expect(readSettings({}, {}, folder)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('Did you mean margin?'),
    })
  })
})

describe('addresses of notices', () => {
  const read = async (notices: string[], environment: Record<string, string> = {}) => {
    await file('churn-ops.json', { notices })
    return (await readSettings({}, environment, folder)).notices
  }

  it('take their secrets from the environment', async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what stands in the file.
    const address = 'slack://${TOKEN_A}/${TOKEN_B}/#churn'
    expect(await read([address, 'json://localhost:8080/x'], { TOKEN_A: 'a', TOKEN_B: 'b' })).toEqual({
      urls: ['slack://a/b/#churn', 'json://localhost:8080/x'],
      missing: [],
    })
  })

  it('are left out, their variables named, when one is not set', async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what stands in the file.
    expect(await read(['slack://${TOKEN_A}/x'])).toEqual({ urls: [], missing: ['TOKEN_A'] })
  })

  it('are refused with a password written out, without repeating it', async () => {
    const refused = read(['mailtos://me:hunter2@example.com'])
    await expect(refused).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    await expect(refused).rejects.not.toThrow('hunter2')
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what stands in the file.
    expect((await read(['mailtos://me:${WORD}@example.com'], { WORD: 'x' })).urls).toHaveLength(1)
  })
})
