import { z } from 'zod'
import * as comparison from './comparison.js'
import * as drift from './drift.js'
import { type Method, named } from './method.js'
import * as registry from './registry.js'
import * as serving from './serving.js'
import * as store from './store.js'
import * as table from './table.js'
import * as training from './training.js'
import * as upkeep from './upkeep.js'

/** Modules to import while Node does other work. */
const warming = named('Warming', z.object({ modules: z.array(z.string()) }))

/** Every method of Python, each once: `python/churn_ops/contract.py` is made of it. */
export const METHODS = {
  warm: { request: warming, answer: store.nothing },
  train: { request: training.trainingRequest, answer: training.trainingOutcome },
  'training.warm': { request: store.nothing, answer: store.nothing },
  'training.check': { request: training.tableCheck, answer: store.nothing },
  report: { request: training.reportRequest, answer: training.evidence },
  reproduce: { request: training.reproductionRequest, answer: training.reproduction },
  'table.export': { request: table.tableExport, answer: table.exportedTable },
  'registry.versions': { request: registry.versionsRequest, answer: registry.versions },
  'registry.journal': { request: store.storeRequest, answer: registry.journal },
  'registry.apply': { request: registry.applyRequest, answer: registry.applied },
  'registry.finish': { request: store.lockedRequest, answer: registry.finished },
  'registry.verify': { request: registry.verifyRequest, answer: registry.verifiedFiles },
  'registry.columns': { request: registry.versionRequest, answer: registry.knownColumns },
  'registry.golden': { request: registry.versionRequest, answer: registry.goldenAnswers },
  'registry.compare': { request: comparison.compareRequest, answer: comparison.compared },
  'registry.retest': { request: comparison.retestRequest, answer: comparison.retested },
  'registry.skill': { request: comparison.skillRequest, answer: comparison.skill },
  'registry.check': { request: comparison.goldenRowsRequest, answer: comparison.goldenRows },
  'serving.compile_forest': { request: serving.forestRequest, answer: serving.compiledForest },
  'store.reachable': { request: store.reachableRequest, answer: store.nothing },
  'store.schema': { request: store.storeRequest, answer: store.nothing },
  'store.upgrade': { request: store.lockedRequest, answer: store.storeUpgrade },
  'store.relocation': { request: store.storeRequest, answer: store.relocation },
  'store.relocate': { request: store.lockedRequest, answer: store.relocated },
  'store.check': { request: store.storeRequest, answer: upkeep.findings },
  'store.mend': { request: store.lockedRequest, answer: upkeep.sentences },
  'prune.inventory': { request: store.storeRequest, answer: upkeep.inventory },
  'prune.apply': { request: upkeep.pruneRequest, answer: upkeep.pruned },
  'notices.send': { request: upkeep.notice, answer: upkeep.noticeOutcome },
  'drift.window': { request: drift.windowRequest, answer: drift.window },
  'drift.measure': { request: drift.driftRequest, answer: drift.driftReport },
  'drift.retraining_table': { request: drift.retrainingRequest, answer: drift.retrainingTable },
} as const satisfies Record<string, Method>

/** What no method names and Python needs all the same. */
export const TYPES = { stageMove: registry.stageMove, measuredSkill: comparison.measuredSkill }

export type MethodName = keyof typeof METHODS
export type RequestOf<Name extends MethodName> = z.output<(typeof METHODS)[Name]['request']>
export type AnswerOf<Name extends MethodName> = z.output<(typeof METHODS)[Name]['answer']>
