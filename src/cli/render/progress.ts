import type { OnProgress, Progress } from '../../domain/progress.js'

/** Draws progress on stderr: one bar that moves on a terminal, a plain line a step otherwise. */
export interface ProgressRenderer {
  report: OnProgress
  /** A line for people, above the bar. */
  say(line: string): void
  end(): void
}

interface Stream {
  write(text: string): unknown
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
}

const BAR_WIDTH = 24
const PLAIN_INTERVAL_MS = 2_000

/** `clean` goes over every text before it is drawn: it takes secrets and control characters out. */
export function createProgress(
  stream: Stream,
  options: { quiet: boolean; now?: () => number; clean?: (text: string) => string },
): ProgressRenderer {
  if (options.quiet) return { report: () => undefined, say: () => undefined, end: () => undefined }
  const now = options.now ?? Date.now
  const renderer = stream.isTTY === true ? barRenderer(stream, now) : plainRenderer(stream, now)
  const { clean } = options
  if (clean === undefined) return renderer
  return {
    ...renderer,
    report: (progress) => renderer.report({ ...progress, text: clean(progress.text) }),
    say: (line) => renderer.say(clean(line)),
  }
}

/** `[######      ] 14/27 fits, 12 s left` */
export function progressLine(progress: Progress, elapsedMs: number): string {
  if (progress.total <= 0) return `${progress.phase}: ${progress.text}`
  const share = Math.min(1, progress.done / progress.total)
  const filled = Math.round(share * BAR_WIDTH)
  const bar = `[${'#'.repeat(filled)}${' '.repeat(BAR_WIDTH - filled)}]`
  return `${progress.phase} ${bar} ${progress.done}/${progress.total} ${progress.text}${timeLeft(progress, elapsedMs)}`
}

function timeLeft(progress: Progress, elapsedMs: number): string {
  if (progress.done <= 0 || progress.done >= progress.total || elapsedMs < 500) return ''
  const leftMs = (elapsedMs / progress.done) * (progress.total - progress.done)
  return `, ${formatSeconds(leftMs)} left`
}

/** Milliseconds in words: `12 s`, `3 min 20 s`. */
export function formatSeconds(durationMs: number): string {
  const seconds = Math.max(1, Math.round(durationMs / 1000))
  if (seconds < 60) return `${seconds} s`
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

function barRenderer(stream: Stream, now: () => number): ProgressRenderer {
  const clock = phaseClock(now)
  let drawn = ''
  const draw = (line: string): void => {
    stream.write(`\r\u001b[2K${line.slice(0, (stream.columns ?? 100) - 1)}`)
    drawn = line
  }
  const clear = (): void => {
    if (drawn !== '') stream.write('\r\u001b[2K')
    drawn = ''
  }
  return {
    report: (progress) => draw(progressLine(progress, clock(progress.phase))),
    say: (line) => {
      const before = drawn
      clear()
      stream.write(`${line}\n`)
      if (before !== '') draw(before)
    },
    end: clear,
  }
}

function plainRenderer(stream: Stream, now: () => number): ProgressRenderer {
  const clock = phaseClock(now)
  let lastPhase = ''
  let lastAt = Number.NEGATIVE_INFINITY
  return {
    report: (progress) => {
      const finished = progress.total > 0 && progress.done >= progress.total
      const elapsed = clock(progress.phase)
      if (progress.phase === lastPhase && !finished && now() - lastAt < PLAIN_INTERVAL_MS) return
      lastPhase = progress.phase
      lastAt = now()
      const count = progress.total > 0 ? ` ${progress.done}/${progress.total}` : ''
      stream.write(`${progress.phase}:${count} ${progress.text}${timeLeft(progress, elapsed)}\n`)
    },
    say: (line) => stream.write(`${line}\n`),
    end: () => undefined,
  }
}

function phaseClock(now: () => number): (phase: string) => number {
  const begun = new Map<string, number>()
  return (phase) => {
    const start = begun.get(phase) ?? now()
    begun.set(phase, start)
    return now() - start
  }
}
