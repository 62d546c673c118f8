import { ChurnOpsError } from '../../errors.js'

/**
 * The moment that `--at` means: the end of that local day, or the moment itself when it has a time.
 *
 * @throws ChurnOpsError `USAGE` when it is no date.
 */
export function momentOf(text: string): Date {
  const day = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)
  const moment =
    day === null
      ? new Date(/^\d{4}-\d{2}-\d{2}T/.test(text) ? text : Number.NaN)
      : new Date(Number(day[1]), Number(day[2]) - 1, Number(day[3]), 23, 59, 59, 999)
  // JavaScript takes February 30 for March 2.
  const exists =
    day === null || (moment.getMonth() === Number(day[2]) - 1 && moment.getDate() === Number(day[3]))
  if (exists && !Number.isNaN(moment.getTime())) return moment
  throw new ChurnOpsError('USAGE', {
    message: `--at ${text} is not a date; nothing was looked up.`,
    hint: 'For example: --at 2026-11-20, or --at 2026-11-20T15:30 for a time of day.',
    details: { at: text },
  })
}
