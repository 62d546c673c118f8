import { type ValueWarning, valueWarnings } from '../../domain/serving/answer.js'
import type { KnownColumn } from '../../domain/serving/model-fit.js'
import type { FeatureValue } from '../../domain/serving/prediction.js'
import { inputColumns } from '../../domain/serving/value-check.js'
import type { ServedVersion } from '../../usecases/ports/front.js'

/** A version that answers or is about to go, with what is made of its schema once. */
export interface ActiveVersion {
  served: ServedVersion
  columns: readonly KnownColumn[]
  warnings(row: readonly FeatureValue[]): ValueWarning[]
}

/** Which version answers. A request keeps the one that it began with; that one is closed when its last request is through. */
export interface VersionSlot {
  current(): ActiveVersion
  /** Runs work with the version that answers now. */
  use<T>(work: (active: ActiveVersion) => Promise<T>): Promise<T>
  /** Lets new requests go to `next`; resolves when the old version is closed. */
  swap(next: ServedVersion): Promise<void>
  /** Closes the version that answers once its requests are through. */
  close(): Promise<void>
}

/** Makes the slot with its first version. */
export function createVersionSlot(first: ServedVersion, drainMs: number): VersionSlot {
  let holder = hold(first)
  const retire = async (old: typeof holder): Promise<void> => {
    await old.idle(drainMs)
    await old.active.served.engine.close()
  }
  return {
    current: () => holder.active,
    use: async (work) => {
      const mine = holder
      mine.enter()
      try {
        return await work(mine.active)
      } finally {
        mine.leave()
      }
    },
    swap: async (next) => {
      const old = holder
      holder = hold(next)
      await retire(old)
    },
    close: () => retire(holder),
  }
}

function hold(served: ServedVersion): {
  active: ActiveVersion
  enter(): void
  leave(): void
  idle(limitMs: number): Promise<void>
} {
  const columns = inputColumns(served.columns)
  let requests = 0
  let wake: () => void = () => undefined
  return {
    active: { served, columns, warnings: valueWarnings(columns) },
    enter: () => {
      requests += 1
    },
    leave: () => {
      requests -= 1
      if (requests === 0) wake()
    },
    idle: (limitMs) =>
      new Promise((resolve) => {
        if (requests === 0) return resolve()
        const late = setTimeout(resolve, limitMs)
        wake = () => {
          clearTimeout(late)
          resolve()
        }
      }),
  }
}
