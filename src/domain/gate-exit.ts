import { EXIT, type ExitCode } from '../errors.js'
import type { GateResult } from './gate.js'

/** Exit code of a promotion: a tie is a success, a refusal after drift is a no, and noise is not enough data. */
export function exitOfGate(gate: GateResult | null): ExitCode {
  if (gate?.outcome === 'not-enough-data') return EXIT.notEnoughData
  return gate?.outcome === 'refused' ? EXIT.no : EXIT.done
}
