/** What the rows of a comparison could have told of an equal model, under the gate `not-worse`. */
export interface NotWorsePower {
  /** The chance that an equal model passes on as many rows. */
  equalPasses: number
  /** True when that is at least 80 %. */
  isEnough: boolean
  /** Churned customers from which an equal model passes with 80 %. */
  neededChurners: number
  /** The tolerance under which these rows let an equal model pass with 80 %. */
  tolerance: number
}

/** The standard normal quantile of 80 %. */
const POWER_QUANTILE = 0.8416212

/**
 * Works out the power of the gate from the spread of the paired difference: the lower end of an equal model's interval
 * is a half-width below a difference that is normal around zero.
 *
 * @param spread as the bootstrap found it: `low` is the lower end of the one-sided interval
 * @param tolerance over zero: without one, equal is never shown
 */
export function notWorsePower(
  spread: { difference: number; low: number; standardError: number },
  churnedCustomers: number,
  tolerance: number,
): NotWorsePower {
  const halfWidth = spread.difference - spread.low
  const { standardError } = spread
  const needed = halfWidth + POWER_QUANTILE * standardError
  return {
    equalPasses: standardError > 0 ? normal((tolerance - halfWidth) / standardError) : 1,
    isEnough: needed <= tolerance,
    // Both widths shrink with the root of the number of customers.
    neededChurners: Math.ceil(churnedCustomers * (needed / tolerance) ** 2),
    tolerance: needed,
  }
}

/** The standard normal distribution function (Abramowitz and Stegun 7.1.26, to 1e-7). */
function normal(at: number): number {
  const x = Math.abs(at) / Math.SQRT2
  const t = 1 / (1 + 0.3275911 * x)
  const series = [1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592]
  const tail = series.reduce((sum, factor) => (sum + factor) * t, 0) * Math.exp(-x * x)
  return at >= 0 ? 1 - tail / 2 : tail / 2
}
