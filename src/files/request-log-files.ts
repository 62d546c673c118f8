/** Folder of the request log below the state folder. */
export const LOG_FOLDER = 'requests'

const NAME = /^(\d{4}-\d\d-\d\d)(?:\.(\d+))?\.jsonl$/

/** Name of a day's file; a day that is full goes on in a second one. */
export function logFileName(day: string, number: number): string {
  return number === 1 ? `${day}.jsonl` : `${day}.${number}.jsonl`
}

/** Which file of a day a name is; 0 for one of another day or another kind. */
export function logFileNumber(name: string, day: string): number {
  const [, found, number] = NAME.exec(name) ?? []
  return found === day ? Number(number ?? 1) : 0
}

/** The names of log files among others, the oldest first. */
export function logFiles(names: readonly string[]): string[] {
  return names
    .flatMap((name) => {
      const [, day, number] = NAME.exec(name) ?? []
      return day === undefined ? [] : [{ name, day, number: Number(number ?? 1) }]
    })
    .sort((one, other) => one.day.localeCompare(other.day) || one.number - other.number)
    .map(({ name }) => name)
}
