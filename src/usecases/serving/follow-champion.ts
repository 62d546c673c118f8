import { championOf } from '../../domain/registry/champion.js'
import type { JournalEntry } from '../../domain/registry/journal-entry.js'
import { serverFailed } from '../../domain/serving/server-failure.js'
import { ChurnOpsError } from '../../errors.js'
import type { ServedVersion } from '../ports/front.js'
import type { Notifier } from '../ports/promotion.js'
import type { Journal } from '../ports/registry.js'
import { type NamedVersion, type PrepareRequest, prepareVersion } from './prepare-version.js'
import { recordServed, type ServeRequest, type ServeServices, type Serving, versionOf } from './serve.js'

/** What following needs beside what serving does. */
export interface FollowServices extends ServeServices {
  journal(): Promise<Journal>
  notifier(): Promise<Notifier>
  actor: string
  now(): string
}

/**
 * Serves on: lets the version that goes live take the place of the one that answers, without a failed request, and an engine
 * that has died be started again. A version that cannot be served never gets a request.
 *
 * @returns when the signal aborts.
 * @throws ChurnOpsError `SERVER_START` when nothing can answer any more.
 */
export async function followChampion(
  serving: Serving,
  request: ServeRequest,
  services: FollowServices,
  signal: AbortSignal,
): Promise<void> {
  const follower = new Follower(serving, request, services, signal)
  const watching = serving.watch?.(() => follower.look(), signal) ?? aborted(signal)
  await Promise.race([watching, follower.died])
}

class Follower {
  /** Rejects when the engine has ended and cannot be started again. */
  readonly died: Promise<never>
  #fail: (error: unknown) => void = () => undefined
  #served: ServedVersion
  #refused: string | null = null
  readonly #serving: Serving
  readonly #request: ServeRequest
  readonly #services: FollowServices
  readonly #signal: AbortSignal

  constructor(serving: Serving, request: ServeRequest, services: FollowServices, signal: AbortSignal) {
    this.#signal = signal
    this.#serving = serving
    this.#request = request
    this.#services = services
    this.#served = serving.served
    this.died = new Promise((_, reject) => {
      this.#fail = reject
    })
    this.died.catch(() => undefined)
    this.#guard(serving.served)
  }

  /** Looks who is live, and changes to that version when it is another one; false when the registry cannot be read. */
  async look(): Promise<boolean> {
    const { store } = this.#request
    let live: NamedVersion | null
    try {
      const versions = await this.#services.withPython(async () =>
        (await this.#services.registry()).versions(store),
      )
      live = championOf(versions)
    } catch (error) {
      if (this.#signal.aborted) return false
      // The store may be away for a while; what is served does not need it.
      const { say } = this.#services
      say(
        `warning the registry could not be read (${reasonOf(error)}); version ${this.#served.version} stays.`,
      )
      return false
    }
    if (live === null) this.#note(`No version is in production; version ${this.#served.version} stays.`)
    else if (live.version === this.#served.version) this.#note(null)
    else if (live.version !== this.#refused) await this.#change(live)
    return true
  }

  async #change(live: NamedVersion): Promise<void> {
    const { say } = this.#services
    const { version } = live
    const previous = this.#served.version
    try {
      await this.#put(await this.#prepared(async () => live))
      this.#refused = null
      say(`Version ${version} has taken the place of version ${previous}.`)
    } catch (error) {
      // Whoever stops the server stops this too.
      if (this.#signal.aborted) return
      this.#refused = version
      const reason = `version ${version} could not be served: ${reasonOf(error)}`
      this.#note(`Version ${previous} stays, since ${reason}`)
      await this.#tell(version, reason)
    }
  }

  async #prepared(resolve: PrepareRequest['resolve']): Promise<ServedVersion> {
    const { store, engine: choice, allowPickle } = this.#request
    return (await prepareVersion({ store, resolve, choice, allowPickle }, this.#services)).served
  }

  async #put(served: ServedVersion): Promise<void> {
    this.#served = served
    this.#guard(served)
    const drained = this.#serving.front.swap(served)
    this.#note(null)
    await recordServed(this.#serving.front, served, this.#services)
    await drained
  }

  #note(reason: string | null): void {
    this.#serving.front.note(reason)
    if (reason !== null) this.#services.say(`warning ${reason}`)
  }

  /** An engine that ends by itself is started once more; when that fails nothing answers. */
  #guard(served: ServedVersion): void {
    void served.ended.then(async ({ lastLines }) => {
      if (this.#served !== served || this.#signal.aborted) return
      const { version } = served
      this.#services.say(`warning the engine of version ${version} has ended; it is started again.`)
      try {
        const { store } = this.#request
        const resolve: PrepareRequest['resolve'] = async (registry) =>
          versionOf(await registry.versions(store), version, store.model)
        await this.#put(await this.#prepared(resolve))
      } catch {
        this.#fail(serverFailed('model server', `at ${this.#serving.front.url} ended by itself`, lastLines))
      }
    })
  }

  async #tell(version: string, reason: string): Promise<void> {
    const { store } = this.#request
    const { actor, now, journal, notifier, say } = this.#services
    const entry: JournalEntry = {
      at: now(),
      actor,
      action: 'serve',
      model: store.model,
      version,
      previous: this.#served.version,
      from: 'Production',
      to: 'Production',
      reason,
      policy: '',
    }
    await (await journal()).append([entry]).catch(() => say('warning the journal could not be written.'))
    const text = `${reason}\nVersion ${this.#served.version} goes on answering.`
    const warnings = await this.#services.withPython(async () =>
      (await notifier()).send(`${store.model}: version ${version} is not served`, text),
    )
    for (const warning of warnings) say(`warning ${warning}`)
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof ChurnOpsError) return `${error.message} (${error.code})`
  return error instanceof Error ? error.message : 'unknown reason'
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
