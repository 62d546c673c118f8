import type { Compared, ComparePair } from '../../contract/comparison.js'
import type { CheckedTable } from '../../contract/table.js'
import type { OnProgress } from '../../domain/progress.js'
import { challengerOf, isEligible, latestSearch } from '../../domain/promotion/challenger.js'
import { decideGate, type GateResult } from '../../domain/promotion/gate.js'
import {
  countEvaluations,
  isRecorded,
  TOO_MANY_EVALUATIONS,
} from '../../domain/promotion/gate-evaluations.js'
import {
  type GatedFacts,
  inProduction,
  planGated,
  whyNotTheHighest,
} from '../../domain/promotion/gated-policy.js'
import { metricOf, type PolicyRules } from '../../domain/promotion/policy.js'
import { noVersions } from '../../domain/promotion/promotion-policy.js'
import { championOf } from '../../domain/registry/champion.js'
import type { ModelVersion } from '../../domain/registry/model-version.js'
import { SEARCH_RANKING } from '../../domain/search/search-ranking.js'
import type { StoreAddress } from '../../domain/store-address.js'
import { ChurnOpsError } from '../../errors.js'
import type { Comparer } from '../ports/promotion.js'
import type { Journal, Registry } from '../ports/registry.js'
import { refuseWhenChampionIsGone } from './champion-gone.js'
import type { Decision } from './decision.js'

/** Bootstrap samples where only the stage of a version is at stake. */
const STAGE_DRAWS = 2_000

interface GatedInput {
  store: StoreAddress
  versions: readonly ModelVersion[]
  fresh: CheckedTable | null
  allow: readonly string[]
  name: string
  rules: PolicyRules
}

interface GatedPorts {
  registry: Pick<Registry, 'journal'>
  comparer: () => Promise<Comparer>
  journal: Pick<Journal, 'read'>
  onProgress: OnProgress
}

/** Has the challenger compared with the champion and everything else with both, and plans. */
export async function decideByGate(input: GatedInput, ports: GatedPorts): Promise<Decision> {
  const { versions, store, rules, allow } = input
  if (versions.length === 0) throw noVersions(store.model)
  const champion = championOf(versions)
  if (champion === null) await refuseWhenChampionIsGone(store, versions, ports)
  const ranked = latestSearch(versions)
  const challenger = challengerOf(ranked, allow)
  const chosen = champion ?? challenger
  if (chosen === null) throw nothingToChoose(store.model, versions, ranked)

  const rival = challenger !== null && challenger !== chosen ? challenger : null
  const pairs = pairsOf(input, chosen, rival)
  const answers = pairs.length === 0 ? [] : await compare(input, pairs, ports)
  const gate = rival === null ? null : gateOf(answers[0], chosen, rival, input)
  const live = inProduction({ champion, challenger, gate }) ?? chosen
  const facts: GatedFacts = {
    versions,
    ranked,
    champion,
    challenger,
    gate,
    compared: new Map(
      pairs.flatMap((pair, place): [string, Compared][] => {
        const answer = answers[place]
        const about = pair.baseline === live.version && pair.draws === STAGE_DRAWS && answer !== undefined
        return about ? [[pair.candidate, answer]] : []
      }),
    ),
    allowed: allow,
    policy: input.name,
    rules,
  }
  return {
    plan: planGated(facts, live),
    ...recordOf(gate, versions),
    challenger: gate !== null && !gate.promotes ? gate.challenger.version : null,
    notes: notesOf(facts, live, input),
  }
}

function recordOf(
  gate: GateResult | null,
  versions: readonly ModelVersion[],
): Pick<Decision, 'gate' | 'evidence' | 'look'> {
  if (gate === null) return { gate, evidence: null, look: null }
  const { promotes, reason, ...evidence } = gate
  const isNews = !promotes && gate.outcome !== 'not-enough-data' && !isRecorded(versions, evidence)
  return { gate, evidence, look: isNews ? { version: gate.challenger.version, reason } : null }
}

function pairsOf(input: GatedInput, chosen: ModelVersion, rival: ModelVersion | null): ComparePair[] {
  const { versions, rules, allow } = input
  const optional = { rows: 'held-out', newerOnly: false, draws: STAGE_DRAWS, required: false } as const
  const staged = versions.filter(
    (version) =>
      version.f1 !== null &&
      version.f1 > rules.floor &&
      (version.stage !== 'Archived' || version === chosen) &&
      isEligible(version, allow),
  )
  const against = (baseline: ModelVersion): ComparePair[] =>
    staged
      .filter((version) => version !== baseline)
      .map((version) => ({ baseline: baseline.version, candidate: version.version, ...optional }))
  if (rival === null) return against(chosen)
  const gate: ComparePair = {
    baseline: chosen.version,
    candidate: rival.version,
    rows: input.fresh === null ? 'held-out' : 'file',
    newerOnly: rules.gate === 'not-worse',
    draws: rules.draws,
    required: true,
  }
  return [gate, ...against(chosen), ...against(rival)]
}

async function compare(input: GatedInput, pairs: ComparePair[], ports: GatedPorts): Promise<Compared[]> {
  const { store, fresh, rules } = input
  const request = { store, pairs, fresh, metric: metricOf(rules), seed: rules.seed }
  return (await ports.comparer()).compare({ ...request, confidence: rules.confidence }, ports.onProgress)
}

function gateOf(
  answer: Compared | undefined,
  champion: ModelVersion,
  challenger: ModelVersion,
  { fresh, rules }: GatedInput,
): GateResult {
  if (answer === undefined || 'problem' in answer) throw new Error('the gate got no comparison')
  const source = fresh === null ? 'held-out' : fresh.dataset.path
  return decideGate(answer, { champion: champion.version, challenger: challenger.version, source }, rules)
}

function notesOf(facts: GatedFacts, live: ModelVersion, { fresh, versions }: GatedInput): string[] {
  const { gate, champion, challenger } = facts
  const notes: string[] = []
  const highest = whyNotTheHighest(facts, live)
  if (highest !== null) notes.push(highest)
  if (champion === null && fresh !== null)
    notes.push(
      'There was no champion to compare with, so the rows of --on were used to judge the version by itself.',
    )
  if (champion !== null && challenger === null)
    notes.push(
      'The latest search has no version that can go live: rolled-back versions need --allow VERSION.',
    )
  if (gate === null) return notes
  if (gate.outcome === 'not-enough-data')
    notes.push(
      fresh === null
        ? 'Compare them on fresh labelled rows: `churn-ops promote --on FILE`.'
        : 'Give a file with more customers that neither version was trained on.',
    )
  const looks = countEvaluations(versions, gate)
  if (gate.outcome !== 'not-enough-data' && looks >= TOO_MANY_EVALUATIONS) {
    notes.push(
      `This is evaluation ${looks} on the same held-out rows: each one makes a lucky winner more likely. Use fresh rows with --on FILE.`,
    )
  }
  return notes
}

function nothingToChoose(
  model: string,
  versions: readonly ModelVersion[],
  ranked: readonly ModelVersion[],
): ChurnOpsError {
  if (ranked.length > 0) {
    return new ChurnOpsError('NO_MEASURED_VERSION', {
      message: `Every version of the latest search of ${model} was rolled back; nothing was moved.`,
      hint: 'Allow one again with `churn-ops promote --allow VERSION`, or run `churn-ops train --force`.',
      details: { model, versions: versions.length },
    })
  }
  if (versions.some((version) => version.f1Oof !== null)) {
    return new ChurnOpsError('NO_MEASURED_VERSION', {
      message: `No search of ${model} has finished: its ${versions.length} versions come from one that was interrupted. Nothing was moved.`,
      hint: 'Run the same `churn-ops train` again: it continues from there.',
      details: { model, versions: versions.length },
    })
  }
  return new ChurnOpsError('NO_MEASURED_VERSION', {
    message: `None of the ${versions.length} versions of ${model} has an ${SEARCH_RANKING.metric}, which the policy ranks by; nothing was moved.`,
    hint: 'Run `churn-ops train`, which measures it, or rank by test F1: `churn-ops promote --policy documents`.',
    details: { model, versions: versions.length },
  })
}
