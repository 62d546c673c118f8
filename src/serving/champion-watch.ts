import { stat } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { type StoreAddress, sqliteFile } from '../domain/store-address.js'
import type { ChampionWatch } from '../usecases/ports/front.js'
import { championByHttp } from './champion-by-http.js'

/** How long a look rests after the registry was read: a training writes to the database all the time. */
const REST_MS = 4_000

/** How long a look rests when the registry could not be read. */
const AWAY_MS = 15_000

/** What can be seen of a store without Python; another text means that the champion may be another one. */
interface Look {
  look(): Promise<string>
  everyMs: number
  close?(): Promise<void>
}

/** Watches who is live: the file of a SQLite store, the alias over HTTP or in PostgreSQL; for others Python is asked now and then. */
export function createChampionWatch(): ChampionWatch {
  return {
    async begin(store) {
      const { look, everyMs, close } = await lookAt(store)
      let seen = await look()
      return async (onMaybeMoved, signal) => {
        const pause = (ms: number): Promise<boolean> =>
          setTimeout(ms, true, { signal, ref: false }).catch(() => false)
        while (await pause(everyMs)) {
          const now = await look()
          if (now === seen) continue
          // Taken before the registry is read: a move in between is seen the next time.
          const isKnown = await onMaybeMoved()
          if (isKnown) seen = now
          await pause(isKnown ? REST_MS : AWAY_MS)
        }
        await close?.()
      }
    },
  }
}

async function lookAt(store: StoreAddress): Promise<Look> {
  const file = sqliteFile(store.trackingUri)
  if (file !== null) return { look: () => stampOf(file), everyMs: 1_000 }
  if (/^https?:/i.test(store.trackingUri)) return { look: () => championByHttp(store), everyMs: 3_000 }
  if (/^postgres/i.test(store.trackingUri)) {
    const { championByPostgres } = await import('./champion-by-postgres.js')
    return { ...championByPostgres(store), everyMs: 3_000 }
  }
  let times = 0
  return { look: async () => String(times++), everyMs: 60_000 }
}

/** What changes with every write to a SQLite file. */
async function stampOf(file: string): Promise<string> {
  const stamps = [file, `${file}-wal`].map(async (path) => {
    const found = await stat(path, { bigint: true }).catch(() => null)
    return found === null ? '' : `${found.ino} ${found.size} ${found.mtimeNs}`
  })
  return (await Promise.all(stamps)).join('|')
}
