import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isolatedPython } from '../../../src/process/isolated-python.js'

const PROXY = 'http://127.0.0.1:9'

describe("the user's settings for Python", () => {
  it('are dropped, all but those for byte code', () => {
    const dropped = [
      'WARNINGS',
      'OPTIMIZE',
      'STARTUP',
      'HOME',
      'PATH',
      'INSPECT',
      'IOENCODING',
      'MALLOC',
      '_GIL',
    ]
    const given = Object.fromEntries(dropped.map((name) => [`PYTHON${name}`, 'junk']))
    const changes = isolatedPython({
      ...given,
      PYTHONDONTWRITEBYTECODE: '1',
      PYTHONUTF8: 'junk',
      MONTYPYTHON: '1',
    })
    for (const name of Object.keys(given)) expect(changes).toHaveProperty(name, undefined)
    expect(changes).toMatchObject({ PYTHONUTF8: '1', PYTHONNOUSERSITE: '1' })
    expect(changes).not.toHaveProperty('PYTHONDONTWRITEBYTECODE')
    expect(changes).not.toHaveProperty('MONTYPYTHON')
  })

  it('have one absolute folder for temporary files, which both halves take', () => {
    expect(isolatedPython({ TEMP: 'c', TMP: 'b', TMPDIR: 'a' }).TMPDIR).toBe(resolve('a'))
    expect(isolatedPython({ TEMP: '/c', TMP: '/b', TMPDIR: '' }).TMPDIR).toBe('/b')
  })
})

describe('proxies', () => {
  it.each(['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy', 'Http_Proxy'])(
    'never stand before this machine: %s',
    (name) => {
      const { no_proxy, NO_PROXY } = isolatedPython({ [name]: PROXY })
      expect(no_proxy?.split(',')).toEqual(expect.arrayContaining(['localhost', '127.0.0.1', '[::1]', '::1']))
      expect(NO_PROXY).toBe(no_proxy)
    },
  )

  it.each([
    [{ NO_PROXY: 'a.example,10.0.0.1' }, 'a.example,10.0.0.1,localhost'],
    [{ no_proxy: 'a.example', NO_PROXY: 'b.example' }, 'a.example,localhost'],
    [{ no_proxy: '', NO_PROXY: 'b.example' }, 'b.example,localhost'],
  ])('leave what the user excepts: %j', (given, start) => {
    const { no_proxy, NO_PROXY } = isolatedPython({ http_proxy: PROXY, ...given })
    expect(no_proxy?.startsWith(start)).toBe(true)
    expect(NO_PROXY).toBe(no_proxy)
  })

  it('change nothing where there are none, or where all is excepted', () => {
    for (const given of [{}, { http_proxy: '' }, { NO_PROXY: 'a' }, { http_proxy: PROXY, NO_PROXY: '*' }])
      expect(isolatedPython(given)).not.toHaveProperty('NO_PROXY')
  })
})
