import type { ModelVersion } from '../registry/model-version.js'

/** The versions of the last search that ran and that measured `f1_oof`, best first; equal values go to the older version. */
export function latestSearch(versions: readonly ModelVersion[]): ModelVersion[] {
  return versions
    .filter((version) => version.inLatestSearch && isRanked(version))
    .sort((a, b) => (b.f1Oof ?? 0) - (a.f1Oof ?? 0) || Number(a.version) - Number(b.version))
}

/** The best of a ranked search that was not rolled back, or that somebody allows again; null when there is none. */
export function challengerOf(
  ranked: readonly ModelVersion[],
  allowed: readonly string[],
): ModelVersion | null {
  return ranked.find((version) => isEligible(version, allowed)) ?? null
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
