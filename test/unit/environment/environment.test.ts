import { describe, expect, it } from 'vitest'
import { cacheHome, environmentName } from '../../../src/environment/cache-home.js'
import { installFailed, notWritable } from '../../../src/environment/failure.js'
import { checkNode } from '../../../src/environment/inspect.js'
import { isSupported, minorOf } from '../../../src/environment/interpreter.js'
import { describeDifferences } from '../../../src/environment/own-interpreter.js'
import { prefersPip } from '../../../src/environment/python-environments.js'

describe('where environments live', () => {
  it('follows CHURN_OPS_HOME, then XDG_CACHE_HOME, then the custom of the platform', () => {
    const all = { CHURN_OPS_HOME: '/own', XDG_CACHE_HOME: '/xdg', HOME: '/home/ann' }
    expect(cacheHome(all, 'linux')).toBe('/own')
    expect(cacheHome({ ...all, CHURN_OPS_HOME: '' }, 'linux')).toBe('/xdg/churn-ops')
    expect(cacheHome({ HOME: '/home/ann' }, 'linux')).toBe('/home/ann/.cache/churn-ops')
    expect(cacheHome({ HOME: '/Users/ann' }, 'darwin')).toBe('/Users/ann/Library/Caches/churn-ops')
  })

  it('keys an environment by lock, Python minor version and platform', () => {
    const name = environmentName('0123456789abcdef0123', '3.12')
    expect(name).toBe(`0123456789abcdef-py3.12-${process.platform}-${process.arch}`)
  })
})

describe('versions', () => {
  it('takes Python 3.11 to 3.13 and nothing else', () => {
    const versions = ['2.7.18', '3.9.18', '3.10.13', '3.11.0', '3.12.1', '3.13.9', '3.14.0', '4.0.0']
    expect(versions.filter(isSupported)).toEqual(['3.11.0', '3.12.1', '3.13.9'])
    expect(minorOf('3.11.7')).toBe('3.11')
  })

  it('calls a Node.js before 20.19 too old', () => {
    expect(['18.20.0', '20.18.9', '20.19.0', '24.1.0'].map((version) => checkNode(version).ok)).toEqual([
      false,
      false,
      true,
      true,
    ])
  })
})

describe('choosing the installer', () => {
  it("takes pip when only pip's own variables say where packages come from", () => {
    expect(prefersPip({ PIP_NO_INDEX: '1', PIP_FIND_LINKS: '/wheels' })).toBe(true)
    expect(prefersPip({ PIP_INDEX_URL: 'https://index.example/simple' })).toBe(true)
    expect(prefersPip({ PIP_NO_INDEX: '1', UV_FIND_LINKS: '/wheels' })).toBe(false)
    expect(prefersPip({ PIP_FIND_LINKS: '/wheels' })).toBe(false)
    expect(prefersPip({})).toBe(false)
  })
})

describe('a failed installation', () => {
  it('quotes the last lines and names the step that fits the reason', () => {
    const offline = installFailed('/home/env', 'pip', ['one', 'two', 'three', 'ERROR: Connection refused'])
    expect(offline.message).toContain('pip said: two | three | ERROR: Connection refused')
    expect(offline.hint).toContain('HTTPS_PROXY')
    expect(installFailed('/home/env', 'pip', ['THESE PACKAGES DO NOT MATCH THE HASHES']).hint).toContain(
      'another index',
    )
  })

  it('is a full disk when the installer says so', () => {
    expect(installFailed('/home/env', 'pip', ['OSError: [Errno 28] No space left on device']).code).toBe(
      'DISK_FULL',
    )
    expect(notWritable('/home', new Error('ENOSPC: no space left on device')).code).toBe('DISK_FULL')
    expect(notWritable('/home', new Error('EACCES: permission denied')).code).toBe('NOT_WRITABLE')
  })
})

describe('packages that differ', () => {
  it('are named with what was found and what the lock wants, the first five', () => {
    const differences = Array.from({ length: 7 }, (_, at) => ({
      name: `p${at}`,
      wanted: '2',
      found: at === 0 ? '1' : null,
    }))
    expect(describeDifferences(differences)).toBe(
      'p0 is 1 (lock: 2), p1 is missing (lock: 2), p2 is missing (lock: 2), p3 is missing (lock: 2), ' +
        'p4 is missing (lock: 2) and 2 more',
    )
  })
})
