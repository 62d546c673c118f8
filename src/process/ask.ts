import { createInterface } from 'node:readline'

/**
 * Asks a yes-or-no question on the terminal; anything but `y` or `yes` is no.
 *
 * @returns null when there is no terminal to ask on
 */
export async function ask(
  question: string,
  streams: {
    input: NodeJS.ReadableStream & { isTTY?: boolean }
    output: NodeJS.WritableStream & { isTTY?: boolean }
  },
): Promise<boolean | null> {
  const { input, output } = streams
  if (input.isTTY !== true || output.isTTY !== true) return null
  // A progress bar may stand on the line.
  output.write(`\r\u001b[2K${question}`)
  // Without a terminal mode of its own, Ctrl-C stays the signal that ends the command.
  const lines = createInterface({ input, terminal: false })
  try {
    const answer = await new Promise<string>((resolve) => {
      lines.once('line', resolve)
      lines.once('close', () => resolve(''))
    })
    return /^\s*y(es)?\s*$/i.test(answer)
  } finally {
    lines.close()
    input.pause()
  }
}
