import { z } from 'zod'
import { named } from './method.js'

/** Where runs, versions and their files are. */
export const storeAddress = named('StoreAddress', z.object({ trackingUri: z.string(), model: z.string() }))

/** A request that needs no more than the store. */
export const storeRequest = named('StoreRequest', z.object({ store: storeAddress }))

/** A request that waits for the store's lock. */
export const lockedRequest = named(
  'LockedRequest',
  storeRequest.extend({
    waitSeconds: z.number().describe('How long to wait for another holder of the lock.'),
  }),
)

export const nothing = named('Nothing', z.object({}))

/** Where the files of an experiment are, or will be. */
export const reachableRequest = named(
  'ReachableRequest',
  storeRequest.extend({
    experiment: z.string(),
    artifacts: z
      .string()
      .nullable()
      .describe('Of a new experiment: `s3://BUCKET/PREFIX` or an absolute folder; null beside the store.'),
  }),
)

/** What came of an upgrade. */
export const storeUpgrade = named(
  'StoreUpgrade',
  z.object({
    upgraded: z.boolean(),
    from: z
      .string()
      .nullable()
      .describe('Revision of the schema, in the words of MLflow; null without tables.'),
    to: z.string().nullable(),
    backup: z
      .string()
      .nullable()
      .describe('Absolute path of the copy made before; null when nothing was to be done.'),
  }),
)

/** What is to be written so that a moved or copied store names the files that are next to it. */
export const relocation = named(
  'Relocation',
  z.object({
    from: z.array(z.string()).describe('Folders that the store names.'),
    to: z.string().describe('The folder of the database.'),
    places: z
      .record(z.string(), z.int())
      .describe('How many rows name a place in `from`, by `TABLE.COLUMN`.'),
    isEmpty: z.boolean().describe('Nothing is to be written.'),
    warnings: z
      .array(z.string())
      .describe('Files that are missing or damaged, and no better at the old place.'),
  }),
)

export const relocated = named('Relocated', relocation.extend({ backup: z.string().nullable() }))

export type StoreAddress = z.output<typeof storeAddress>
export type LockedRequest = z.output<typeof lockedRequest>
export type StoreUpgrade = z.output<typeof storeUpgrade>
export type Relocation = z.output<typeof relocation>
export type Relocated = z.output<typeof relocated>
