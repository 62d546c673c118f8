/** How often customers and rows come again in a table; valid rows only. */
export interface Repeats {
  /** Ids that more than one row has; 0 without an id column. */
  ids: number
  /** Rows of those ids. */
  rows: number
  /** Rows that are equal to an earlier row but for the id. */
  doubles: number
  /** False when a table of very many customers was counted by a sample of them. */
  exact: boolean
}

export const NO_REPEATS: Repeats = { ids: 0, rows: 0, doubles: 0, exact: true }

export interface RepeatCount {
  /** Takes the hashes of a row's id, null without one, and of everything else in it. */
  add(id: number | null, content: number): void
  result(): Repeats
}

/** Distinct hashes to remember at once: eight megabytes or so. */
const REMEMBERED = 131_072

/**
 * Counts repeats in memory that does not grow with the table. When a table has more distinct values than are remembered,
 * those of every second, fourth, eighth … hash are, and the counts are scaled up (Gibbons, Distinct sampling, 2001).
 */
export function createRepeatCount(remembered = REMEMBERED): RepeatCount {
  const ids = createSample(remembered)
  const contents = createSample(remembered)
  return {
    add(id, content) {
      if (id !== null) ids.add(id)
      contents.add(content)
    },
    result() {
      const repeated = ids.counts().filter((count) => count > 1)
      const doubles = sum(contents.counts().map((count) => count - 1))
      return {
        ids: repeated.length * ids.scale(),
        rows: sum(repeated) * ids.scale(),
        doubles: doubles * contents.scale(),
        exact: ids.scale() === 1 && contents.scale() === 1,
      }
    },
  }
}

function createSample(remembered: number): {
  add(hash: number): void
  counts(): number[]
  scale(): number
} {
  const counted = new Map<number, number>()
  let scale = 1
  return {
    add(hash) {
      if (hash % scale !== 0) return
      counted.set(hash, (counted.get(hash) ?? 0) + 1)
      while (counted.size > remembered) {
        scale *= 2
        for (const known of counted.keys()) if (known % scale !== 0) counted.delete(known)
      }
    },
    counts: () => [...counted.values()],
    scale: () => scale,
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

/** What repeats in a table, in clauses; none when nothing does. */
export function describeRepeats({ ids, rows, doubles, exact }: Repeats): string[] {
  const counted = (count: number, one: string, many: string): string =>
    `${exact ? '' : 'about '}${count.toLocaleString('en')} ${count === 1 ? one : many}`
  return [
    ...(ids > 0
      ? [`${counted(ids, 'id has', 'ids have')} several rows, ${rows.toLocaleString('en')} together`]
      : []),
    ...(doubles > 0
      ? [`${counted(doubles, 'row is', 'rows are')} equal to an earlier one but for the id`]
      : []),
  ]
}
