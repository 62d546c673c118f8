/** How often customers and rows come again in a table; valid rows only. */
export interface Repeats {
  /** Ids that more than one row has; 0 without an id column. */
  ids: number
  /** Rows of those ids. */
  rows: number
  /** Rows that are equal to an earlier row except for the id. */
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

/** Distinct hashes to remember at once: three megabytes. */
const REMEMBERED = 131_072
/** No hash is below zero. */
const EMPTY = -1

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

interface Sample {
  add(hash: number): void
  counts(): number[]
  scale(): number
}

// An open table of plain numbers: a Map would box each of them, which costs as much as all checks of the rows.
function createSample(remembered: number): Sample {
  const slots = 2 ** Math.ceil(Math.log2(2 * remembered))
  const hashes = new Float64Array(slots).fill(EMPTY)
  const counted = new Uint32Array(slots)
  let size = 0
  let scale = 1
  const slotOf = (hash: number): number => {
    // The upper bits: those below tell who is in the sample.
    let slot = Math.floor(hash / 65_536) % slots
    while (hashes[slot] !== EMPTY && hashes[slot] !== hash) slot = (slot + 1) % slots
    return slot
  }
  const put = (hash: number, count: number): void => {
    const slot = slotOf(hash)
    if (hashes[slot] === EMPTY) size += 1
    hashes[slot] = hash
    counted[slot] = (counted[slot] ?? 0) + count
  }
  const thin = (): void => {
    scale *= 2
    const [before, countedBefore] = [hashes.slice(), counted.slice()]
    hashes.fill(EMPTY)
    counted.fill(0)
    size = 0
    for (let slot = 0; slot < slots; slot += 1) {
      const hash = before[slot] ?? EMPTY
      if (hash !== EMPTY && hash % scale === 0) put(hash, countedBefore[slot] ?? 0)
    }
  }
  return {
    add(hash) {
      if (hash % scale !== 0) return
      put(hash, 1)
      while (size > remembered) thin()
    },
    counts: () => [...counted].filter((count) => count > 0),
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
      ? [`${counted(ids, 'id has', 'ids have')} several rows, ${rows.toLocaleString('en')} in total`]
      : []),
    ...(doubles > 0
      ? [`${counted(doubles, 'row is', 'rows are')} identical to an earlier one except for the id`]
      : []),
  ]
}
