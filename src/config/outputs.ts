import { fstatSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { sqliteFile } from '../domain/store-address.js'
import { quarantineOf } from '../domain/table/quarantine-name.js'
import { ChurnOpsError } from '../errors.js'
import { inputPlaces, placesOf, type Reads, tablePaths } from './inputs.js'
import { type Place, placeOf, placeOfOpened } from './place.js'

/** What an option lets a command write. */
export interface Output {
  /** Such as `output`. */
  option: string
  /** Absolute. */
  path: string
  /** One file; files and folders of these names in a folder; or a folder of artifacts, whose names are always new. */
  writes: 'file' | 'artifacts' | readonly string[]
}

/** What is read, what is to be written, and where our own files are. */
export interface OutputCheck extends Reads {
  outputs: readonly Output[]
  stateFolder: string
}

// Names that lead to whatever this process has open.
const OPENED = /^\/(?:dev\/(?:stdin|stdout|stderr|fd)|proc)(?:\/|$)/

/**
 * Sees to it that nothing that is written takes the place of something that is read or of our own files, whatever links and
 * spellings lead there. To be called before any work.
 *
 * @throws ChurnOpsError `USAGE`.
 */
export function requireSafeOutputs(check: OutputCheck): void {
  const inputs = inputPlaces(check)
  const rejected = placesOf(tablePaths(check).map(quarantineOf))
  const stdout = placeOfOpened('standard output', fstatSync(1))
  for (const written of [...(stdout === null ? [] : [stdout]), ...rejected]) {
    const input = inputs.find(({ id }) => id === written.id)
    if (input !== undefined)
      throw refused(`${written.path} leads to ${input.path}, which is an input`, written.path)
  }
  for (const output of check.outputs) {
    const why = clash(output, inputs, rejected) ?? inOurs(output, check)
    if (why !== null) throw refused(`--${output.option} ${output.path} ${why}`, `--${output.option}`)
  }
}

/** Why an output cannot be written without a loss for what is read; null when it can. */
function clash(
  { path, writes }: Output,
  inputs: readonly Place[],
  rejected: readonly Place[],
): string | null {
  const place = placeOf(path)
  const same = inputs.find(({ id }) => id === place.id || place.inside.includes(id))
  if (same !== undefined) return same.path === path ? 'is read' : `leads to ${same.path}, which is an input`
  if (OPENED.test(path) || place.kind === 'other') return 'is not a regular file'
  if (writes === 'file') {
    if (place.kind === 'folder') return 'is a folder, not a file'
    return rejected.some(({ id }) => id === place.id) ? 'is the file for invalid rows of the table' : null
  }
  if (place.kind === 'file') return 'is a file, not a folder'
  if (writes === 'artifacts') return null
  const written = placesOf(writes.map((name) => join(path, name)))
  const lost = inputs.find(({ id, inside }) =>
    written.some((file) => file.id === id || inside.includes(file.id)),
  )
  return lost === undefined ? null : `would replace ${lost.path}, which is an input`
}

/** Why an output would come between our own files; null when it does not. */
function inOurs(output: Output, { settings, stateFolder }: OutputCheck): string | null {
  const project = placeOf(dirname(stateFolder))
  const reports = placeOf(join(stateFolder, 'reports'))
  const place = placeOf(output.path)
  const around = [place.id, ...place.inside]
  if (output.writes !== 'artifacts' && around.includes(reports.id)) return null
  const { artifacts, trackingUri } = settings
  const store = sqliteFile(trackingUri)
  const ofArtifacts = [
    ...(store === null ? [] : ['mlruns', 'mlartifacts'].map((name) => join(dirname(store), name))),
    ...(artifacts === null || artifacts.startsWith('s3:') ? [] : [artifacts]),
  ]
  const ours = placesOf([stateFolder, ...(output.writes === 'artifacts' ? [] : ofArtifacts)])
  // A folder for artifacts that holds the whole project is no place for them alone.
  const found = ours.find(({ id }) => around.includes(id) && ![project.id, ...project.inside].includes(id))
  return found === undefined ? null : `is in ${found.path}, where churn-ops and MLflow keep their own files`
}

function refused(what: string, output: string): ChurnOpsError {
  const quarantine = output.startsWith('/')
  return new ChurnOpsError('USAGE', {
    message: `${what}. Nothing was read or written.`,
    hint: quarantine
      ? `Move ${output} elsewhere, then run it again: invalid rows are written there.`
      : `Choose another place for ${output} and run it again.`,
    details: { output },
  })
}
