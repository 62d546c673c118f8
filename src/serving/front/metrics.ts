import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

// From a tenth of a millisecond, which a compiled forest needs, to a large batch.
const SECONDS = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
]

/** What the front counts; by version, never by customer. */
export interface FrontMetrics {
  phase(name: 'preprocess' | 'predict' | 'postprocess', version: string, seconds: number): void
  inferred(outcome: 'success' | 'failure', version: string, rows: number): void
  answered(route: string, status: number): void
  entered(): void
  left(): void
  swapped(version: string): void
  text(): Promise<{ type: string; text: string }>
}

/** Counters and times in the words that serving tools share, with our prefix. */
export function createMetrics(log: () => { written: number; dropped: number; ok: boolean }): FrontMetrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const times = Object.fromEntries(
    (['preprocess', 'predict', 'postprocess'] as const).map((phase) => [
      phase,
      new Histogram({
        name: `churnops_request_${phase}_seconds`,
        help: `Seconds that requests spent in ${phase}`,
        labelNames: ['version'],
        buckets: SECONDS,
        registers,
      }),
    ]),
  )
  const outcomes = {
    success: new Counter({
      name: 'churnops_model_infer_request_success_total',
      help: 'Requests that were scored',
      labelNames: ['version'],
      registers,
    }),
    failure: new Counter({
      name: 'churnops_model_infer_request_failure_total',
      help: 'Requests whose scoring failed; refused ones are not among them',
      labelNames: ['version'],
      registers,
    }),
  }
  const rowsScored = new Counter({
    name: 'churnops_rows_scored_total',
    help: 'Rows that were scored',
    labelNames: ['version'],
    registers,
  })
  const requests = new Counter({
    name: 'churnops_rest_server_requests_total',
    help: 'Answers by route and status',
    labelNames: ['route', 'status'],
    registers,
  })
  const inProgress = new Gauge({
    name: 'churnops_rest_server_requests_in_progress',
    help: 'Requests for scores under way',
    registers,
  })
  const swaps = new Counter({
    name: 'churnops_swaps_total',
    help: 'Times that a version took the place of another one',
    labelNames: ['version'],
    registers,
  })
  logMetrics(registry, log)
  return {
    phase: (name, version, seconds) => times[name]?.observe({ version }, seconds),
    inferred: (outcome, version, rows) => {
      outcomes[outcome].inc({ version })
      if (outcome === 'success') rowsScored.inc({ version }, rows)
    },
    answered: (route, status) => requests.inc({ route, status: String(status) }),
    entered: () => inProgress.inc(),
    left: () => inProgress.dec(),
    swapped: (version) => swaps.inc({ version }),
    text: async () => ({ type: registry.contentType, text: await registry.metrics() }),
  }
}

/** What the request log tells is read when it is asked for. */
function logMetrics(registry: Registry, log: Parameters<typeof createMetrics>[0]): void {
  const registers = [registry]
  new Gauge({
    name: 'churnops_request_log_ok',
    help: '1 while scored rows are logged',
    registers,
    collect() {
      this.set(log().ok ? 1 : 0)
    },
  })
  for (const kind of ['written', 'dropped'] as const) {
    new Counter({
      name: `churnops_request_log_rows_${kind}_total`,
      help: `Rows of the request log that were ${kind}`,
      registers,
      collect() {
        this.reset()
        this.inc(log()[kind])
      },
    })
  }
}
