import { ChurnOpsError, EXIT } from '../../errors.js'
import { allowPickleOption, namedPickle } from '../allow-pickle.js'
import type { Command, CommandContext, CommandResult } from '../command.js'

/** Decides what is Archived, Staging and Production. */
export const promoteCommand: Command = {
  name: 'promote',
  description: 'Move versions to Archived, Staging and Production by a policy',
  options: {
    policy: {
      type: 'string',
      requiresArg: true,
      describe: 'gated, documents, or a JSON file with the rules (default: gated)',
    },
    on: {
      type: 'string',
      requiresArg: true,
      describe: 'Compare challenger and champion on fresh labelled rows from this file',
    },
    allow: {
      type: 'string',
      array: true,
      requiresArg: true,
      nargs: 1,
      describe: 'A rolled-back version that may go live again; repeatable',
    },
    retest: {
      type: 'string',
      requiresArg: true,
      describe: 'Score every version that is not Archived on rows from this file; move nothing',
    },
    'allow-pickle': allowPickleOption,
    'allow-no-skill': {
      type: 'string',
      describe: 'Let a version go live although it shows no skill; the given reason goes into the journal',
    },
    'dry-run': { type: 'boolean', describe: 'Print the plan and change nothing' },
    actor: {
      type: 'string',
      requiresArg: true,
      describe: 'Name of the person who promotes, for the journal (default: user@host)',
    },
    'max-invalid': {
      type: 'string',
      requiresArg: true,
      describe: 'Number of invalid rows of --on or --retest to tolerate and drop (default 0)',
    },
    wait: {
      type: 'string',
      requiresArg: true,
      describe: 'Seconds to wait while another process writes (default 60)',
    },
  },
  async handler(context) {
    const { absolutePath } = await import('../../config/paths.js')
    const { settings, services, options, folder } = context
    const path = (name: string): string | undefined =>
      options[name] === undefined ? undefined : absolutePath(String(options[name]), folder)
    const retestOn = path('retest')
    if (retestOn !== undefined) return retestVersions(context, retestOn)
    const { exitOfPromotion } = await import('../../domain/promotion/gate-exit.js')
    const { runPromotion } = await import('../run-promotion.js')
    const { renderPromotion } = await import('../render/promotion.js')
    const on = path('on')
    const result = await runPromotion(context, {
      dryRun: options['dry-run'] === true,
      actor: typeof options.actor === 'string' ? options.actor : services.actor,
      allow: allowed(options.allow),
      allowPickle: namedPickle(options['allow-pickle']),
      allowNoSkill: reasonGiven(options['allow-no-skill']),
      ...(on === undefined ? {} : { on }),
    })
    return {
      result: { ...result },
      text: renderPromotion(result, settings.model, { verbose: settings.verbose }),
      exitCode: exitOfPromotion(result),
    }
  },
}

async function retestVersions(context: CommandContext, path: string): Promise<CommandResult> {
  const { readPolicy } = await import('../../config/read-policy.js')
  const { policyRules } = await import('../../domain/promotion/policy.js')
  const { retest } = await import('../../usecases/registry/retest.js')
  const { readFresh } = await import('../run-promotion.js')
  const { renderRetest } = await import('../render/retest.js')
  const { settings, services, options } = context
  for (const name of ['on', 'dry-run', 'allow', 'allow-no-skill'])
    if (options[name] !== undefined) throw notTogether(`--retest and --${name}`)
  const { rules } = await readPolicy(settings.policy, settings.promotion)
  const store = { trackingUri: settings.trackingUri, model: settings.model }
  const result = await retest(
    { store, fresh: await readFresh(context, path), rules: rules ?? policyRules.parse({}) },
    { registry: await services.registry(), comparer: services.comparer, onProgress: context.progress },
  )
  return { result: { ...result }, text: renderRetest(result), exitCode: EXIT.done }
}

function allowed(given: unknown): string[] {
  const versions = (Array.isArray(given) ? given : given === undefined ? [] : [given]).map(String)
  const wrong = versions.find((version) => !/^[1-9]\d*$/.test(version))
  if (wrong === undefined) return versions
  throw new ChurnOpsError('USAGE', {
    message: `--allow ${wrong} is not a version number; nothing was moved.`,
    hint: 'Run `churn-ops models` to list the versions.',
    details: { allow: wrong },
  })
}

const LONGEST_REASON = 500

function reasonGiven(given: unknown): string | null {
  if (given === undefined) return null
  const reason = String(given).trim() || 'no reason was given'
  if (reason.length <= LONGEST_REASON) return reason
  throw new ChurnOpsError('USAGE', {
    message: `--allow-no-skill needs a reason of at most ${LONGEST_REASON} characters for the journal; nothing was moved.`,
    hint: 'Say why: `churn-ops promote --allow-no-skill "a stand-in until the data team delivers"`.',
  })
}

function notTogether(what: string): ChurnOpsError {
  return new ChurnOpsError('USAGE', {
    message: `${what} cannot be combined: --retest moves nothing.`,
    hint: 'Run them one after the other.',
  })
}
