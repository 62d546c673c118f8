import type { Difference, Evidence, Reproduction } from '../../domain/search/evidence.js'
import { renderTable } from './table.js'

/** The paths of what was written, one a line, under a sentence. */
export function renderEvidence({ version, runId, files }: Evidence): string {
  const head = `Version ${version}: ${files.length} files, also in the artifacts of its run ${runId}.`
  return [head, ...files.map((file) => `  ${file}`)].join('\n')
}

/** Equal, or a table of what is not. */
export function renderReproduction(found: Reproduction): string {
  const { version, equal, compared, differences, surroundings } = found
  const counts = `${compared.metrics} metrics and ${compared.predictions.toLocaleString('en')} predictions`
  const verdict = equal
    ? `Version ${version} was reproduced: ${counts} are identical to the last digit.`
    : `Version ${version} could not be reproduced; ${counts} were compared.`
  const parts = [verdict]
  if (!equal) parts.push(differenceTable('result', differences))
  if (surroundings.length > 0) parts.push(differenceTable('different from the training', surroundings))
  return parts.join('\n\n')
}

function differenceTable(title: string, differences: readonly Difference[]): string {
  const rows = differences.map(({ what, recorded, now }) => [what, shown(recorded), shown(now)])
  return renderTable([title, 'recorded', 'now'], rows)
}

const SHOWN_OF_HASH = 12

function shown(fact: number | string | null): string {
  if (fact === null) return '–'
  const text = String(fact)
  return /^[0-9a-f]{64}$/.test(text) ? `${text.slice(0, SHOWN_OF_HASH)}…` : text
}
