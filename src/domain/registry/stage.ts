/** The stages of the registry, as MLflow spells them; a new version has `None`. */
export const STAGES = ['None', 'Staging', 'Production', 'Archived'] as const

export type Stage = (typeof STAGES)[number]

/** The alias that says which version is live; the stage `Production` is kept in step with it. */
export const CHAMPION_ALIAS = 'champion'

/** The alias of a version that is looked at to replace the champion. */
export const CHALLENGER_ALIAS = 'challenger'

/** The alias of the version that was live before the champion. */
export const PREVIOUS_ALIAS = 'previous'
