import chalk from 'chalk'
import { SEARCH_RANKING } from '../../domain/search/search-ranking.js'
import { type Candidate, rankedCandidates } from '../../domain/search/training.js'
import { describeRepeats } from '../../domain/table/repeat-count.js'
import type { TrainResult } from '../../usecases/training/train.js'
import { formatSeconds } from './progress.js'
import { renderTable } from './table.js'

const SHOWN = 5

/** What a training gave: the best candidates and what to do next. */
export function renderTraining(result: TrainResult, { verbose }: { verbose: boolean }): string {
  const { candidates, best, split, dataset } = result
  const ranked = rankedCandidates(candidates)
  const reused = candidates.filter((candidate) => candidate.reused).length
  const lines = [
    `${candidates.length} versions of ${result.model} from ${usedRows(dataset.rows, result.invalid)} rows (${split.trainRows.toLocaleString('en')} to train, ${split.testRows.toLocaleString('en')} to test) in ${formatSeconds(result.durationMs)}${reused > 0 ? `, ${reused} of them were there already` : ''}.`,
    ...repeatLines(result),
    ...timeLines(split),
    '',
    renderTable(
      ['version', 'run', 'F1 oof', 'F1 test', '95 % interval', 'threshold'],
      ranked.slice(0, SHOWN).map(row),
    ),
    ...(ranked.length > SHOWN ? [`… and ${ranked.length - SHOWN} more: churn-ops models`] : []),
    '',
    `Best by F1 on rows it was not trained on: version ${chalk.bold(best.version)} (${best.name}).`,
    ...(result.invalid > 0
      ? [`${result.invalid} invalid rows were dropped; they are in ${result.quarantine}.`]
      : []),
    ...result.warnings.map((warning) => `${chalk.yellow('warning')} ${warning}`),
    'Next: churn-ops promote',
  ]
  if (verbose) lines.push('', ...phaseLines(result.phases))
  return lines.join('\n')
}

function repeatLines({ repeats, split }: TrainResult): string[] {
  const found = describeRepeats(repeats)
  if (found.length === 0) return []
  const customers = (split.trainCustomers + split.testCustomers).toLocaleString('en')
  const joined =
    split.joinedIds > 0
      ? `; ${split.joinedIds} ids are copies of other ids`
      : repeats.doubles > 0 && repeats.ids === 0
        ? '; chance explains the identical rows, so each counts separately'
        : ''
  return [`${found.join('; ')}. The table has ${customers} customers${joined}.`]
}

function timeLines(split: TrainResult['split']): string[] {
  const { trainFrom, trainUntil, testFrom, testUntil, leftOut } = split
  if (testFrom === undefined || leftOut === undefined) return []
  const left =
    leftOut.rows === 0
      ? ''
      : ` ${leftOut.rows.toLocaleString('en')} earlier rows of ${leftOut.customers.toLocaleString('en')} test customers were excluded.`
  return [`Trained on ${trainFrom} to ${trainUntil}, tested on ${testFrom} to ${testUntil}.${left}`]
}

function usedRows(rows: number, invalid: number): string {
  const used = (rows - invalid).toLocaleString('en')
  return invalid === 0 ? used : `${used} of ${rows.toLocaleString('en')}`
}

function row(candidate: Candidate): string[] {
  const metric = (name: string, digits: number): string => candidate.metrics[name]?.toFixed(digits) ?? '–'
  return [
    candidate.version,
    candidate.name,
    metric(SEARCH_RANKING.metric, 4),
    metric('f1_score', 4),
    `${metric('f1_score_low', 3)} to ${metric('f1_score_high', 3)}`,
    candidate.threshold.toFixed(3),
  ]
}

function phaseLines(phases: Record<string, number>): string[] {
  return Object.entries(phases).map(([phase, seconds]) => `${phase.padEnd(10)} ${seconds.toFixed(2)} s`)
}
