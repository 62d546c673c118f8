/**
 * The name closest to what was written, or null when none is close (over a third of its letters differ).
 * Distance: Levenshtein, letter case ignored.
 */
export function nearestName(written: string, names: readonly string[]): string | null {
  const scored = names.map((name) => ({
    name,
    distance: editDistance(written.toLowerCase(), name.toLowerCase()),
  }))
  scored.sort((a, b) => a.distance - b.distance)
  const best = scored[0]
  if (best === undefined) return null
  const allowed = Math.max(2, Math.floor(best.name.length / 3))
  // Names as short as "No" would otherwise be close to everything short.
  const nothingShared = best.distance >= Math.max(best.name.length, written.length)
  return best.distance <= allowed && !nothingShared ? best.name : null
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
