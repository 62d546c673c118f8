import { stat } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { type StoreAddress, sqliteFile } from '../domain/store-address.js'
import type { ChampionWatch } from '../usecases/ports/front.js'
import { championByHttp } from './champion-by-http.js'

const LOOK_MS = 1_000
/** How long a look rests after the registry was read: a training writes to the database all the time. */
const REST_MS = 4_000
/** For stores of which nothing but Python can read anything. */
const BLIND_MS = 8_000

/** What can be seen of a store without Python; another text means that the champion may be another one. */
type Look = () => Promise<string>

/** Watches who is live: the file of a SQLite store, the alias of one over HTTP; of others Python is asked now and then. */
export function createChampionWatch(): ChampionWatch {
  return {
    async begin(store) {
      const look = lookAt(store)
      let seen = await look()
      return async (onMaybeMoved, signal) => {
        const pause = (ms: number): Promise<boolean> =>
          setTimeout(ms, true, { signal, ref: false }).catch(() => false)
        while (await pause(LOOK_MS)) {
          const now = await look()
          if (now === seen) continue
          // Taken before the registry is read: a move in between is seen the next time.
          seen = now
          await onMaybeMoved()
          await pause(REST_MS)
        }
      }
    },
  }
}

function lookAt(store: StoreAddress): Look {
  const file = sqliteFile(store.trackingUri)
  if (file !== null) return () => stampOf(file)
  if (/^https?:/i.test(store.trackingUri)) return () => championByHttp(store)
  return async () => String(Math.floor(Date.now() / BLIND_MS))
}

async function stampOf(file: string): Promise<string> {
  const stamps = [file, `${file}-wal`].map(async (path) => {
    const found = await stat(path, { bigint: true }).catch(() => null)
    return found === null ? '' : `${found.ino} ${found.size} ${found.mtimeNs}`
  })
  return (await Promise.all(stamps)).join('|')
}
