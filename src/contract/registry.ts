import { z } from 'zod'
import { policyRules } from '../domain/promotion/policy.js'
import { journalEntrySchema } from '../domain/registry/journal-entry.js'
import { STAGES } from '../domain/registry/stage.js'
import { knownColumnSchema } from '../domain/serving/model-fit.js'
import { gateEvidence } from './gate-evidence.js'
import { named } from './method.js'
import { lockedRequest, storeRequest } from './store.js'

named('Profit', policyRules.shape.profit.unwrap())

/** A move as far as the journal tells of it. */
export const stageMove = named(
  'StageMove',
  z.object({ version: z.string(), from: z.enum(STAGES), to: z.enum(STAGES), reason: z.string() }),
)

const move = named(
  'Move',
  stageMove.extend({
    f1: z.number().nullable().describe('On the held-out rows; null means not measured.'),
    rankedBy: z.string().describe('The metric that ranks the version.'),
    rank: z.int().nullable().describe('1 is the best; null when not measured.'),
  }),
)

export const versionsRequest = named(
  'VersionsRequest',
  storeRequest.extend({
    toAct: z.boolean().describe('Refuse a store whose files are said to lie beside another place of it.'),
  }),
)

/** A plan to be carried out. */
export const applyRequest = named(
  'ApplyRequest',
  lockedRequest.extend({
    action: z.string().describe('Such as `promote` or `rollback`.'),
    moves: z.array(move),
    champion: z
      .string()
      .nullable()
      .describe('Holds the alias when the work is done; null leaves the alias alone.'),
    previous: z.string().nullable().describe('Was live before; null when there was none.'),
    holder: z
      .string()
      .nullable()
      .describe('Held the alias when the plan was made: a plan made on old facts is refused.'),
    policy: z.string(),
    actor: z.string(),
    policyRules: named('PolicyRules', policyRules).nullish().describe('Rules of the policy, for their hash.'),
    evidence: gateEvidence.nullish().describe('The comparison behind the move or the look.'),
    look: named('Look', z.object({ version: z.string(), reason: z.string() }))
      .nullish()
      .describe('A challenger that was looked at and did not win.'),
    challenger: z
      .string()
      .nullish()
      .describe('Gets the alias `challenger`; null takes it away, absent leaves it.'),
    rolledBack: named('RolledBack', z.object({ set: z.array(z.string()), clear: z.array(z.string()) }))
      .optional()
      .describe('Versions that get or lose the mark of a rollback.'),
    allowPickle: z
      .string()
      .nullish()
      .describe('`NAME@VERSION` of a version that may go live although loading it runs code.'),
  }),
)

export const versionRequest = named('VersionRequest', storeRequest.extend({ version: z.string() }))

export const verifyRequest = named(
  'VerifyRequest',
  versionRequest.extend({ allowPickle: z.string().nullable() }),
)

const modelVersion = named(
  'ModelVersion',
  z.object({
    version: z.string(),
    runId: z.string().nullable(),
    stage: z.enum(STAGES),
    recordedStage: z.enum(STAGES).nullable(),
    aliases: z.array(z.string()),
    f1: z.number().nullable(),
    f1Low: z.number().nullable(),
    f1High: z.number().nullable(),
    f1Oof: z.number().nullable(),
    threshold: z.number().nullable(),
    createdAt: z.string(),
    parentRunId: z.string().nullable(),
    inLatestSearch: z.boolean(),
    dataSha256: z.string().nullable(),
    manifestSha256: z.string().nullable(),
    reason: z.string().nullable(),
    rolledBackAt: z.string().nullable(),
    duplicateOf: z.string().nullable(),
    unfinished: z.array(z.string()),
    looks: z.array(gateEvidence),
  }),
)

const journalEntry = named('JournalEntry', journalEntrySchema.extend({ evidence: gateEvidence.nullish() }))

export const versions = z.array(modelVersion)
export const journal = z.array(journalEntry)

/** What carrying out a plan came to. */
export const applied = named(
  'Applied',
  z.object({
    changed: z.int().describe('Versions that were written to.'),
    journal,
    notes: z.array(z.string()).describe('What could not be checked of a new champion.'),
  }),
)

export const finished = named('Finished', z.object({ finished: journal }))

/** What a check of the files of a version gave. */
export const verifiedFiles = named(
  'VerifiedFiles',
  z.object({
    folder: z.string().nullable().describe('On this disk; null when they lie elsewhere.'),
    notes: z.array(z.string()).describe('What could not be checked, as sentences.'),
  }),
)

/** Held-out rows of a version with the answers that it gave when it was trained; none of a version that is not ours. */
export const goldenAnswers = named(
  'GoldenAnswers',
  z.object({
    columns: z.array(z.string()).describe('Names of the values of a row.'),
    rows: z.array(z.array(z.union([z.number(), z.string(), z.null()]))),
    probabilities: z.array(z.number()),
  }),
)

export const knownColumns = z.array(named('KnownColumn', knownColumnSchema))

export type ApplyRequest = z.output<typeof applyRequest>
export type Applied = z.output<typeof applied>
export type GoldenAnswers = z.output<typeof goldenAnswers>
export type VerifiedFiles = z.output<typeof verifiedFiles>
