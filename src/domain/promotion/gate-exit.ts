import { EXIT, type ExitCode } from '../../errors.js'
import type { GateResult } from './gate.js'
import type { Refusal } from './going-live.js'

/**
 * Exit code of a promotion: a tie is a success, a refusal after drift or of a version by itself is a no, and noise is not
 * enough data.
 */
export function exitOfPromotion({
  gate,
  refusal,
}: {
  gate: Pick<GateResult, 'outcome'> | null
  refusal: Refusal | null
}): ExitCode {
  const outcomes = [gate?.outcome, refusal?.outcome]
  if (outcomes.includes('not-enough-data')) return EXIT.notEnoughData
  return refusal !== null || gate?.outcome === 'refused' ? EXIT.no : EXIT.done
}
