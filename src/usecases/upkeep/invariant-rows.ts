import type { Finding } from '../../contract/upkeep.js'
import type { ModelVersion } from '../../domain/registry/model-version.js'
import type { Check } from '../ports/environment.js'

interface Row {
  invariant: string
  name: (model: string) => string
  cure: string
}

const FIX = 'churn-ops doctor --fix'

// I4, and the moves of I6, are judged by the versions and make the row on stages.
const ROWS: readonly Row[] = [
  { invariant: 'I10', name: () => 'location of the files', cure: 'churn-ops doctor --relocate' },
  { invariant: 'I8', name: () => 'database', cure: 'Restore the database of the store from a backup.' },
  { invariant: 'I3', name: (model) => `champion of ${model}`, cure: 'churn-ops rollback' },
  {
    invariant: 'I1',
    name: (model) => `files of ${model}`,
    cure: 'Restore them from a backup; until then the version cannot be used.',
  },
  { invariant: 'I9', name: () => 'deleted in MLflow', cure: 'Restore it with MLflow.' },
  { invariant: 'I2', name: (model) => `duplicates of ${model}`, cure: FIX },
  { invariant: 'I5', name: () => 'runs', cure: FIX },
  { invariant: 'I6', name: () => 'unfinished work', cure: FIX },
  { invariant: 'I7', name: () => 'leftovers', cure: FIX },
]

const NO_MOVE_CUT_OFF: Finding = {
  invariant: 'I6',
  ok: true,
  message: 'no move was cut off',
  subjects: [],
  code: null,
}

/** The findings about a store as rows of `doctor`; moves that were cut off are told by its row on stages. */
export function invariantRows(
  model: string,
  findings: readonly Finding[],
  versions: readonly Pick<ModelVersion, 'unfinished'>[],
): Check[] {
  const isElsewhere = findings.some(({ invariant }) => invariant === 'I10')
  const isCutOff = versions.some(({ unfinished }) => unfinished.length > 0)
  const told = isElsewhere || isCutOff ? findings : [...findings, NO_MOVE_CUT_OFF]
  return ROWS.flatMap(({ invariant, name, cure }) => {
    const own = told.filter((finding) => finding.invariant === invariant)
    if (own.length === 0) return []
    const broken = own.filter(({ ok }) => !ok)
    // Beside something to know, that the rest is well needs no words.
    const known = own.filter(({ subjects }) => subjects.length > 0)
    const shown = broken.length > 0 ? broken : known.length > 0 ? known : own
    return {
      name: name(model),
      ok: broken.length === 0,
      message: shown.map(({ message }) => message).join('; '),
      cure: broken.length === 0 ? null : (broken[0]?.cure ?? cure),
      code: broken[0]?.code ?? null,
    }
  })
}
