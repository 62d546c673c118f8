import type { ModelVersion } from '../registry/model-version.js'
import { ranked } from '../search/search-ranking.js'

/** The versions of the last search that ran and that measured what ranks them, best first. */
export function latestSearch(versions: readonly ModelVersion[]): ModelVersion[] {
  return ranked(
    versions.filter((version) => version.inLatestSearch && isRanked(version)),
    (version) => version,
  )
}

/** The best of a ranked search that was not rolled back, or that somebody allows again; null when there is none. */
export function challengerOf(
  search: readonly ModelVersion[],
  allowed: readonly string[],
): ModelVersion | null {
  return search.find((version) => isEligible(version, allowed)) ?? null
}

/** False for a duplicate, and for a version that was rolled back and that nobody allows again. */
export function isEligible(version: ModelVersion, allowed: readonly string[]): boolean {
  return version.duplicateOf === null && (version.rolledBackAt === null || allowed.includes(version.version))
}

/** Why a version that is not eligible is Archived. */
export function whyNotEligible({ version, duplicateOf, rolledBackAt }: ModelVersion): string {
  if (duplicateOf !== null) return `a duplicate of version ${duplicateOf}`
  return `rolled back on ${rolledBackAt?.slice(0, 10)}; promoted again only with --allow ${version}`
}

function isRanked(version: ModelVersion): boolean {
  return version.f1Oof !== null && version.duplicateOf === null
}
