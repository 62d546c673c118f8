import { type JournalEntry, wentLive } from './journal-entry.js'
import type { ModelVersion } from './model-version.js'

/** Entries of several sources as one history, the oldest first; a later source's entry replaces an equal one. */
export function mergeEntries(...sources: readonly (readonly JournalEntry[])[]): JournalEntry[] {
  const merged = new Map<string, JournalEntry>()
  for (const entry of sources.flat()) merged.set(entryKey(entry), entry)
  return [...merged.values()].sort((a, b) => a.at.localeCompare(b.at))
}

/** What makes two records of one move equal. */
export function entryKey({ at, version, action }: JournalEntry): string {
  return `${at} ${version} ${action}`
}

/** The version that was live at a moment, and since when; null when none was. */
export function liveAt(
  entries: readonly JournalEntry[],
  moment: Date,
): { version: string; since: string } | null {
  const before = entries.filter((entry) => wentLive(entry) && Date.parse(entry.at) <= moment.getTime())
  const last = before.at(-1)
  return last === undefined ? null : { version: last.version, since: last.at }
}

/**
 * The version to go back to: the last that really was champion before the current one, is still there and was not
 * itself rolled back; null when there is none.
 */
export function rollbackTarget(
  entries: readonly JournalEntry[],
  versions: readonly ModelVersion[],
  current: string | null,
): string | null {
  const usable = new Set(
    versions
      .filter((each) => each.rolledBackAt === null && each.duplicateOf === null)
      .map((each) => each.version),
  )
  const champions = entries.filter(wentLive).flatMap(({ previous, version }) => [previous, version])
  const target = champions
    .reverse()
    .find((version) => version !== null && version !== current && usable.has(version))
  return target ?? null
}
