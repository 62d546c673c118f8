const LAST_LINES = 20
const TRACE = 'Traceback (most recent call last):'

/** The last lines of a server's output that tell why it ended; at most 20. */
export function relevantLogLines(log: string): string[] {
  const lines = log.split(/[\r\n]+/).filter((line) => line.trim() !== '' && !/^\s*[~^]+\s*$/.test(line))
  // `mlflow` ends with a trace of its own, which says only that its child ended and hides why.
  const own = lines.at(-1)?.includes('returned non zero return code') === true ? lines.lastIndexOf(TRACE) : -1
  return (own > 0 ? lines.slice(0, own) : lines).slice(-LAST_LINES)
}
