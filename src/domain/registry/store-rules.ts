/** Limits that Python applies to a store, under its lock or before a model is loaded. */
export const STORE_RULES = {
  /** Stored rows that a version answers again before it goes live, and how far answers may be from the stored ones. */
  goldenRows: 100,
  goldenTolerance: 1e-9,
  /** A move takes seconds; one of another machine that is older was cut off. */
  moveSeconds: 60,
  /** Work without a finished candidate is left over when it is older; younger, it may only have begun. */
  leftOverSeconds: 60,
  /** A running run of an earlier release, which named no owner, may be at work for so long: a training takes minutes. */
  ownerlessSeconds: 86_400,
  /** Larger SQLite files are checked quickly. */
  wholeCheckBytes: 1_073_741_824,
} as const
