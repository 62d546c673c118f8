import type {
  Compared,
  CompareRequest,
  Retested,
  RetestRequest,
  SkillRequest,
} from '../../contract/comparison.js'
import type { OnProgress } from '../../domain/progress.js'
import type { SkillFacts } from '../../domain/promotion/skill.js'
import type { StoreAddress } from '../../domain/store-address.js'

/** Computations on stored and fresh predictions; they change nothing. */
export interface Comparer {
  /** Compares pairs of versions on rows that neither trained on, one answer a pair. */
  compare(request: CompareRequest, onProgress: OnProgress): Promise<Compared[]>
  retest(request: RetestRequest, onProgress: OnProgress): Promise<Retested[]>
  /** Judges one version by itself, on stored held-out rows or on fresh ones that it did not train on. */
  skill(request: SkillRequest, onProgress: OnProgress): Promise<SkillFacts | { problem: string }>
  /** Loads a version and has it answer its stored rows again. */
  check(
    request: { store: StoreAddress; version: string; columns: string[]; allowPickle: string | null },
    onProgress: OnProgress,
  ): Promise<{ goldenRows: number; notes: string[] }>
}

/** Tells people of a move; a notice that fails blocks nothing. */
export interface Notifier {
  /** Sends to every address of the settings; returns what went wrong, without any address. */
  send(title: string, text: string): Promise<string[]>
}
