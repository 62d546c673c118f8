import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compose, type Services } from '../../src/compose.js'
import { documentsLimits } from '../../src/domain/drift/drift-verdict.js'
import { TELCO_SCHEMA } from '../../src/domain/table/telco-schema.js'
import type { RunningServer } from '../../src/usecases/ports/serving.js'
import { type LiveModel, makeLiveModel } from '../helpers/live-model.js'
import { testPython } from '../helpers/python.js'
import { runMain } from '../helpers/run-main.js'

const folder = mkdtempSync(join(tmpdir(), 'churn-ops-monitor-'))
const reports = join(folder, '.churn-ops', 'reports')
let live: LiveModel
let services: Services
let server: RunningServer

beforeAll(async () => {
  live = await makeLiveModel(folder, 1_500)
  // One drifted column more than the documents allow is drift here, whatever five trees predict.
  const settings = {
    trackingUri: live.trackingUri,
    model: live.model,
    python: await testPython(),
    grid: { n_estimators: [5], max_depth: [4], min_samples_split: [2] },
    monitor: { count: 1 },
  }
  writeFileSync(join(folder, 'churn-ops.json'), JSON.stringify(settings))
  services = compose({ trackingUri: live.trackingUri, python: settings.python, onProgress: () => undefined })
  server = await (await services.modelServer()).serve({
    store: live,
    version: live.version,
    folder: null,
    port: 0,
    onProgress: () => undefined,
  })
})

afterAll(async () => {
  await services?.dispose()
  rmSync(folder, { recursive: true, force: true })
})

/** Runs `monitor --json` as the command line would. */
async function monitor(...options: string[]) {
  const settings = ['--config', join(folder, 'churn-ops.json')]
  const { exitCode, stdout, stderr } = await runMain(folder, 'monitor', '--json', ...settings, ...options)
  return { exitCode, document: JSON.parse(stdout), progress: stderr }
}

describe('monitor against a served model', () => {
  test('finds the held-out rows healthy, with quality and two reports', async () => {
    const { exitCode, document, progress } = await monitor('--url', server.url)
    expect(document).toMatchObject({ protocol: 1, command: 'monitor', ok: true })
    const { result } = document
    expect([exitCode, result.verdict]).toEqual([0, 'healthy'])
    expect(result.window).toEqual({ rows: 300, source: 'held-out', labelled: true, simulated: false })
    expect(result.columns).toHaveLength(20)
    expect(result.columns.at(-1)).toMatchObject({
      name: 'prediction',
      method: 'wasserstein',
      threshold: 0.1,
    })
    expect(result.performance.window.f1_score).toBeGreaterThan(0.4)
    expect(result.performance.reference.roc_auc).toBeGreaterThan(0.6)
    expect(readFileSync(result.reports.html, 'utf8')).toContain('<html')
    expect(JSON.parse(readFileSync(result.reports.json, 'utf8'))).toHaveProperty('metrics')
    expect(progress).toContain('Evidently compares 300 rows')
  })

  test('answers simulated drift with a retraining, and the same drift again with a reason', async () => {
    const options = ['--url', server.url, '--simulate-drift', '--retrain', '--report', 'drifted']
    const first = await monitor(...options)
    const { result } = first.document
    expect(result.verdict).toBe('drift')
    const drifted = result.columns.filter((column: { drifted: boolean }) => column.drifted)
    expect(drifted.map((column: { name: string }) => column.name)).toEqual(
      expect.arrayContaining(['tenure', 'MonthlyCharges']),
    )
    expect(readdirSync(join(folder, 'drifted')).sort()).toEqual(['report.html', 'report.json'])
    expect(result.retrained).toMatchObject({ rows: 1_500, newRows: 300, versions: [expect.any(String)] })
    expect(first.exitCode).toBe(result.retrained.live ? 0 : 4)

    if (result.retrained.live) await backToFirst()
    const again = await monitor(...options)
    expect(again.document.result).toMatchObject({ verdict: 'drift', retrained: null })
    expect(again.document.result.decision.reasons.at(-1)).toContain('already used for training')
    expect(again.exitCode).toBe(4)
  }, 180_000)

  test('keeps a window while Python ends and starts anew, and takes it away at the end', async () => {
    const own = compose({
      trackingUri: live.trackingUri,
      python: await testPython(),
      onProgress: () => undefined,
    })
    const silent = (): void => undefined
    const asked = { store: live, version: live.version, schema: TELCO_SCHEMA }
    try {
      const [detector, scorer] = [await own.driftDetector(), await own.scorer()]
      const drawn = await own.withPython(() =>
        detector.window(
          { ...asked, source: { kind: 'held-out' }, sample: 100, seed: 1, changes: [] },
          silent,
        ),
      )
      const answers = await scorer.score(server.url, drawn.rows, drawn.columns)
      const limits = documentsLimits({ share: 0.5, count: 1, columnThreshold: 0.1 })
      const reportFolder = join(folder, 'restarted')
      const report = await detector.measure(
        { ...asked, windowId: drawn.windowId, answers, limits, reportFolder },
        silent,
      )
      expect([report.rows, report.columns.length]).toEqual([100, 20])
    } finally {
      await own.dispose()
    }
    expect(
      readdirSync(tmpdir()).filter((name) => name.startsWith(`churn-ops-window-${process.pid}-`)),
    ).toEqual([])
  })

  test('judges the rows of a Parquet file and of a query like those of a CSV file', async () => {
    const make = [
      'import pandas as pd, sqlite3, sys',
      'rows = pd.read_csv(sys.argv[1], na_values=[" "])[300:700]',
      'rows.to_csv("rows.csv", index=False)',
      'rows.to_parquet("rows.parquet")',
      'rows.to_sql("rows", sqlite3.connect("rows.db"), index=False)',
    ]
    execFileSync(await testPython(), ['-c', make.join('\n'), live.data], { cwd: folder })
    const found = []
    for (const form of [
      ['rows.csv'],
      ['rows.parquet'],
      ['sqlite:///rows.db', '--query', 'SELECT * FROM rows'],
    ]) {
      const { document } = await monitor('--url', server.url, '--sample', '300', '--data', ...form)
      expect(document.ok, JSON.stringify(document)).toBe(true)
      found.push(document.result)
    }
    const [csv, parquet, sql] = found
    expect(csv.window).toMatchObject({ rows: 300, labelled: true })
    for (const { verdict, columns, performance } of [parquet, sql]) {
      expect([verdict, performance]).toEqual([csv.verdict, csv.performance])
      // Evidently adds categories in another order each time, and so in other last bits.
      expect(columns.map(rounded)).toEqual(csv.columns.map(rounded))
    }
    expect(parquet.window.source).toBe(join(folder, 'rows.parquet'))
    expect(sql.window.source).toContain('rows.db#query=')
    expect(readdirSync(join(folder, '.churn-ops', 'tables'))).toEqual([])
  }, 180_000)

  test('leaves no report when nothing answers', async () => {
    const before = existsSync(reports) ? readdirSync(reports) : []
    const { exitCode, document } = await monitor('--url', 'http://127.0.0.1:9')
    expect([exitCode, document.error.code]).toEqual([7, 'ENDPOINT_UNREACHABLE'])
    expect(readdirSync(reports)).toEqual(before)
  })

  test('refuses limits that are not there', async () => {
    const { exitCode, document } = await monitor('--url', server.url, '--limits', 'calibrated')
    expect([exitCode, document.error.code]).toEqual([2, 'USAGE'])
  })
})

function rounded(column: { score: number }): { score: string } {
  return { ...column, score: column.score.toFixed(9) }
}

/** The same window has to meet the same reference. */
async function backToFirst(): Promise<void> {
  await services.withPython(async () => {
    const registry = await services.registry()
    const versions = await registry.versions(live)
    const moves = versions.map(({ version, stage, f1 }) => ({
      version,
      from: stage,
      to: version === live.version ? ('Production' as const) : ('Staging' as const),
      reason: 'test',
      f1,
      rankedBy: 'f1_score',
      rank: null,
    }))
    const holder = versions.find(({ aliases }) => aliases.includes('champion'))?.version ?? null
    await registry.apply(
      {
        store: live,
        action: 'rollback',
        moves,
        champion: live.version,
        previous: null,
        holder,
        policy: 'test',
        actor: 'test',
        waitSeconds: 5,
      },
      () => undefined,
    )
  })
}
