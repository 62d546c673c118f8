import { renderTable } from './table.js'

/** The loop as a table: what ran, how long, what it exited with, what came of it. */
export function renderDemo(
  steps: readonly { command: string; result: Record<string, unknown>; exitCode: number; seconds: number }[],
  folder: string | null,
): string {
  const rows = steps.map(({ command, result, exitCode, seconds }) => [
    `churn-ops ${command}`,
    seconds.toFixed(1),
    String(exitCode),
    outcome(result),
  ])
  const table = renderTable(['step', 'seconds', 'exit', 'outcome'], rows)
  return folder === null ? table : `${table}\n\nKept in ${folder}`
}

// Each result is recognised by a field that only it has.
function outcome(result: Record<string, unknown>): string {
  const at = (...path: string[]): unknown =>
    path.reduce<unknown>((value, key) => (value as Record<string, unknown> | null | undefined)?.[key], result)
  if ('candidates' in result)
    return `${(result.candidates as unknown[]).length} versions, best is ${at('best', 'version')}`
  if ('champion' in result && result.champion === null) return 'no version is live'
  if ('champion' in result)
    return `version ${at('champion', 'version')} is live, F1 ${Number(at('champion', 'f1')).toFixed(3)}`
  if ('pid' in result) return `version ${result.version} is served at ${result.url}`
  if ('counts' in result) return `${at('counts', 'scored')} of ${at('counts', 'rows')} rows scored`
  if ('verdict' in result) {
    const version = at('retrained', 'champion', 'version')
    if (version === undefined) return String(result.verdict)
    return `${result.verdict}, retrained: version ${version} ${at('retrained', 'live') === true ? 'is' : 'stays'} live`
  }
  return `${result.valid} valid rows, ${result.invalid} invalid`
}
