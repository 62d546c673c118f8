import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../src/compose.js'

/** One fenced block of a document. */
export interface Block {
  /** Path from the repository's root. */
  file: string
  line: number
  language: string
  text: string
}

/** README, CONTRIBUTING and every page of docs/, by path from the root. */
export function documentPaths(): string[] {
  const pages = readdirSync(join(packageRoot, 'docs')).filter((name) => name.endsWith('.md'))
  return ['README.md', 'CONTRIBUTING.md', ...pages.sort().map((name) => `docs/${name}`)]
}

/** The text of a document. */
export function documentText(file: string): string {
  return readFileSync(join(packageRoot, file), 'utf8')
}

/** The fenced blocks of a document in order. */
export function blocksOf(file: string, text = documentText(file)): Block[] {
  const blocks: Block[] = []
  let open: { language: string; line: number; lines: string[] } | null = null
  for (const [at, line] of text.split('\n').entries()) {
    const fence = /^\s*```(\w*)/.exec(line)
    if (fence === null) open?.lines.push(line)
    else if (open === null) open = { language: fence[1] ?? '', line: at + 1, lines: [] }
    else {
      blocks.push({ file, line: open.line, language: open.language, text: open.lines.join('\n') })
      open = null
    }
  }
  return blocks
}

/** The command blocks: what a reader would paste into a POSIX shell. */
export function commandBlocks(file: string): Block[] {
  return blocksOf(file).filter(({ language }) => language === 'sh' || language === 'bash')
}

/** The command lines of a block, without comments, with continued lines joined. */
export function commandLines(block: Block): string[] {
  return block.text
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => line.replace(/\s+#\s.*$/, '').trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
}
