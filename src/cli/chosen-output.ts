import type { Output } from '../config/outputs.js'
import { absolutePath } from '../config/paths.js'
import type { CommandContext } from './command.js'

/** The output that an option names; none when it was not given. */
export function chosenOutput(
  option: string,
  writes: Output['writes'],
  { options, folder }: Pick<CommandContext, 'options' | 'folder'>,
): Output[] {
  const given = options[option]
  return given === undefined ? [] : [{ option, path: absolutePath(String(given), folder), writes }]
}
