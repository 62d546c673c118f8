/** How much the evidence of a version shows, and from which size of a group on. */
export const EVIDENCE_RULES = {
  /** Test rows whose columns are shuffled, how often, and how many columns the picture and the card show. */
  importanceRows: 1_000,
  importanceRepeats: 3,
  importanceDrawn: 25,
  importanceListed: 15,
  calibrationBins: 10,
  /** Groups of fewer test rows tell nothing; a column of more values is not cut into groups. */
  sliceRows: 30,
  sliceValues: 6,
  /** Share of the groups that chance alone marks. */
  sliceChance: 0.05,
  /** Candidates in the picture of the leaderboard and in the description of the search's run. */
  leaderboardDrawn: 30,
  leaderboardListed: 10,
} as const
