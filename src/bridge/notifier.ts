import type { Notifier } from '../usecases/ports/promotion.js'
import type { AskPython } from './ask-python.js'

const NOTICE_TIMEOUT_MS = 30_000

/** What the settings say about notices. */
export interface NoticeAddresses {
  /** Addresses with their secrets in place; held in memory alone. */
  urls: string[]
  /** Environment variables that an address names and that are not set. */
  missing: string[]
}

/** Notices by apprise behind the bridge; without addresses nothing is started. */
export function createNotifier(ask: AskPython, { urls, missing }: NoticeAddresses): Notifier {
  return {
    async send(title, text) {
      const warnings = missing.map(
        (name) => `A notice was not sent: the environment variable ${name} of its address is not set.`,
      )
      if (urls.length === 0) return warnings
      try {
        const { failed } = await ask('notices.send', { urls, title, text }, { timeoutMs: NOTICE_TIMEOUT_MS })
        return [...warnings, ...failed.map((place) => `The notice to address ${place} of "notices" failed.`)]
      } catch {
        // The cause may hold an address with its secret.
        return [...warnings, 'The notices failed.']
      }
    },
  }
}
