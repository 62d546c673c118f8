import { ChurnOpsError } from '../../errors.js'

/**
 * The moment from which rows are asked for; a date means its begin in local time.
 *
 * @throws ChurnOpsError `USAGE` for what is no moment.
 */
export function momentFrom(written: string): Date {
  const isDate = /^\d{4}-\d\d-\d\d$/.test(written)
  const moment = new Date(isDate ? `${written}T00:00:00` : written)
  if (!Number.isNaN(moment.getTime()) && /^\d{4}-/.test(written)) return moment
  throw new ChurnOpsError('USAGE', {
    message: '--since is not a date or a moment.',
    hint: 'Write it as 2026-11-20 or 2026-11-20T08:00:00Z.',
    details: { since: written },
  })
}
