import { describe, expect, it } from 'vitest'
import { createProgress, progressLine } from '../../../src/cli/render/progress.js'

function recorder(isTTY: boolean): {
  lines: string[]
  stream: { write(text: string): void; isTTY: boolean }
} {
  const lines: string[] = []
  return { lines, stream: { isTTY, write: (text) => lines.push(text) } }
}

describe('progress', () => {
  it('tells how far it is and how long it will take', () => {
    const line = progressLine({ phase: 'train', done: 9, total: 27, text: 'RF_50_10_2' }, 6_000)
    expect(line).toBe('train [########                ] 9/27 RF_50_10_2, 12 s left')
  })

  it('draws over one line on a terminal and clears it at the end', () => {
    const { lines, stream } = recorder(true)
    const progress = createProgress(stream, { quiet: false, now: () => 0 })
    progress.report({ phase: 'train', done: 1, total: 2, text: 'a' })
    progress.end()
    expect(lines[0]).toMatch(/^\r/)
    expect(lines.at(-1)).toBe('\r\u001b[2K')
  })

  it('writes plain lines elsewhere, not more often than every two seconds, and always the last', () => {
    const { lines, stream } = recorder(false)
    let clock = 0
    const progress = createProgress(stream, { quiet: false, now: () => clock })
    for (let done = 0; done <= 27; done++) {
      progress.report({ phase: 'train', done, total: 27, text: 'x' })
      clock += 100
    }
    expect(lines).toHaveLength(3)
    expect(lines.at(-1)).toContain('27/27')
  })

  it('says nothing under --quiet', () => {
    const { lines, stream } = recorder(false)
    const progress = createProgress(stream, { quiet: true })
    progress.report({ phase: 'train', done: 0, total: 1, text: '' })
    progress.say('note')
    expect(lines).toEqual([])
  })
})
