import { readFile } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import {
  BUILT_IN_POLICIES,
  DOCUMENTS_POLICY,
  type Policy,
  type PolicyRules,
  policyRules,
} from '../domain/promotion/policy.js'
import { nearestName } from '../domain/text/nearest-name.js'
import { ChurnOpsError } from '../errors.js'
import { describeIssues } from './complaints.js'

/**
 * The policy of a name or file.
 *
 * @param name a built-in name, or the absolute path of a JSON file
 * @param rules of the policy `gated`, from the settings
 * @throws ChurnOpsError `POLICY_INVALID` for an unknown name or key, or a file that is none.
 */
export async function readPolicy(name: string, rules: PolicyRules): Promise<Policy> {
  if (name === 'documents') return DOCUMENTS_POLICY
  if (name === 'gated') return { name, rules }
  if (!isAbsolute(name)) throw unknownName(name)
  const text = await readFile(name, 'utf8').catch((error: unknown) => {
    throw invalid(name, [`${name} cannot be read: ${error instanceof Error ? error.message : String(error)}`])
  })
  const read = policyRules.safeParse(parseJson(name, text))
  if (read.success) return { name, rules: read.data }
  throw invalid(
    name,
    describeIssues(name, read.error.issues, policyRules).map((complaint) => complaint.text),
  )
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''))
  } catch (error) {
    throw invalid(path, [`${path} is not JSON: ${error instanceof Error ? error.message : String(error)}`])
  }
}

function unknownName(name: string): ChurnOpsError {
  const nearest = nearestName(name, BUILT_IN_POLICIES)
  return new ChurnOpsError('POLICY_INVALID', {
    message: `There is no policy ${name}; nothing was moved.`,
    hint: `Use ${nearest === null ? `one of ${BUILT_IN_POLICIES.join(', ')}` : `--policy ${nearest}`}, or a JSON file with the rules: --policy ./policy.json.`,
    details: { policy: name, known: [...BUILT_IN_POLICIES] },
  })
}

function invalid(policy: string, problems: string[]): ChurnOpsError {
  return new ChurnOpsError('POLICY_INVALID', {
    message: `${problems.map((text) => text.replace(/\.$/, '')).join('; ')}. Nothing was moved.`,
    hint: 'Fix the file; schemas/policy.schema.json in the package describes it.',
    details: { policy, problems },
  })
}
