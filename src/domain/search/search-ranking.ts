/**
 * What orders the candidates of a search: the highest `metric` first, in which no test row took part, and those without it
 * last; equal ones by `tieBreak`, the lowest first.
 */
export const SEARCH_RANKING = { metric: 'f1_oof', tieBreak: 'version' } as const

/** What the ranking looks at. */
export interface RankedBy {
  f1Oof: number | null
  version: string
}

/** Candidates or versions in the order of the ranking, the best first. */
export function ranked<Each>(all: readonly Each[], facts: (each: Each) => RankedBy): Each[] {
  return [...all].sort((a, b) => compare(facts(a), facts(b)))
}

function compare(a: RankedBy, b: RankedBy): number {
  const [ofA, ofB] = [a.f1Oof ?? Number.NEGATIVE_INFINITY, b.f1Oof ?? Number.NEGATIVE_INFINITY]
  return ofA === ofB ? Number(a.version) - Number(b.version) : ofB - ofA
}
