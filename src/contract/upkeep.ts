import { z } from 'zod'
import { type ErrorCode, isErrorCode } from '../errors.js'
import { named } from './method.js'
import { lockedRequest } from './store.js'

/** What checking one invariant of the store gave. */
const finding = named(
  'Finding',
  z.object({
    invariant: z.string().describe('`I1` to `I10`.'),
    ok: z.boolean(),
    message: z.string(),
    subjects: z
      .array(z.string())
      .describe('Versions, runs or paths that it is about; one that is ok and has some is worth knowing.'),
    code: z
      .string()
      .refine((code): code is ErrorCode => isErrorCode(code))
      .nullable()
      .describe('The error code behind a broken one.'),
    cure: z.string().optional().describe('The command that mends it, where it depends on what is broken.'),
  }),
)

export const findings = z.array(finding)
export const sentences = z.array(z.string())

export const pruneRequest = named(
  'PruneRequest',
  lockedRequest.extend({
    versions: z.array(z.string()),
    models: z.array(z.string()).describe('Ids of logged models without a version.'),
    searches: z.array(z.string()).describe('Ids of runs of searches.'),
    folders: z.array(z.string()).describe('Work folders of trainings.'),
  }),
)

const aged = { id: z.string(), busy: z.boolean(), ageDays: z.number(), bytes: z.number() }

/** Everything that pruning looks at. */
export const inventory = named(
  'Inventory',
  z.object({
    versions: z.array(
      named(
        'VersionFacts',
        z.object({
          version: z.string(),
          made: z.boolean(),
          search: z.string().nullable(),
          split: z.string().nullable(),
          bytes: z.number(),
          usedBy: z.string().nullable(),
          servedBy: z.int().nullable(),
          busy: z.boolean(),
        }),
      ),
    ),
    models: z.array(
      named(
        'OrphanedModel',
        z.object({ ...aged, status: z.string(), whole: z.boolean(), pruned: z.boolean() }),
      ),
    ),
    searches: z.array(
      named(
        'SearchRun',
        z.object({
          ...aged,
          versions: z.array(z.string()),
          waiting: z.boolean(),
          latest: z.boolean(),
          pruned: z.boolean(),
        }),
      ),
    ),
    folders: z.array(named('WorkFolder', z.object(aged))),
  }),
)

export const pruned = named(
  'Pruned',
  z.object({ deleted: z.array(z.string()), freedBytes: z.number(), skipped: z.array(z.string()) }),
)

export const notice = named(
  'Notice',
  z.object({ urls: z.array(z.string()), title: z.string(), text: z.string() }),
)

export const noticeOutcome = named(
  'NoticeOutcome',
  z.object({ failed: z.array(z.int()).describe('Places of the addresses that failed, from 1.') }),
)

export type Finding = z.output<typeof finding>
export type PruneRequest = z.output<typeof pruneRequest>
export type Pruned = z.output<typeof pruned>
