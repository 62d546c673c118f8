import type { ModelVersion } from '../../domain/model-version.js'
import { renderTable } from './table.js'

/** The versions of a model, the newest first. */
export function renderModels(versions: readonly ModelVersion[], model: string): string {
  if (versions.length === 0) return `${model} has no version yet. Run \`churn-ops train\`.`
  const rows = versions.map((version) => [
    version.version,
    version.stage,
    version.aliases.join(', '),
    version.f1 === null ? 'not measured' : version.f1.toFixed(4),
    version.f1Low === null || version.f1High === null
      ? ''
      : `${version.f1Low.toFixed(3)} to ${version.f1High.toFixed(3)}`,
    version.threshold === null ? '' : version.threshold.toFixed(3),
    version.createdAt.replace('T', ' ').replace('Z', ' UTC'),
  ])
  return renderTable(['version', 'stage', 'aliases', 'F1', '95 % interval', 'threshold', 'created'], rows)
}
