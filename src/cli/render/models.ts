import type { ModelVersion } from '../../domain/registry/model-version.js'
import { renderTable } from './table.js'

const HEADER = ['version', 'stage', 'aliases', 'F1', '95 % interval', 'threshold', 'data', 'age']
const WIDE = ['f1_oof', 'created', 'search', 'run', 'reason']

/** The versions of a model, the newest first. */
export function renderModels(
  versions: readonly ModelVersion[],
  model: string,
  { wide, now }: { wide: boolean; now: Date },
): string {
  if (versions.length === 0) return `${model} has no version yet. Run \`churn-ops train\`.`
  const rows = versions.map((version) => [
    version.version,
    version.duplicateOf === null ? version.stage : `${version.stage}, double of ${version.duplicateOf}`,
    version.aliases.join(', '),
    version.f1 === null ? 'not measured' : version.f1.toFixed(4),
    version.f1Low === null || version.f1High === null
      ? ''
      : `${version.f1Low.toFixed(3)} to ${version.f1High.toFixed(3)}`,
    version.threshold === null ? '' : version.threshold.toFixed(3),
    version.dataSha256?.slice(0, 8) ?? '',
    ageOf(version.createdAt, now),
    ...(wide ? wideCells(version) : []),
  ])
  return renderTable(wide ? [...HEADER, ...WIDE] : HEADER, rows)
}

function wideCells(version: ModelVersion): string[] {
  return [
    version.f1Oof?.toFixed(4) ?? '',
    version.createdAt.replace('T', ' ').replace('Z', ' UTC'),
    version.parentRunId?.slice(0, 8) ?? '',
    version.runId?.slice(0, 8) ?? '',
    version.reason ?? '',
  ]
}

/** How long ago, in the largest unit that gives a whole number. */
export function ageOf(createdAt: string, now: Date): string {
  const minutes = Math.max(0, Math.floor((now.getTime() - Date.parse(createdAt)) / 60_000))
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return `${hours} h`
  return `${Math.floor(hours / 24)} d`
}
