/** Makes something when it is first asked for, and tells whether that has happened. */
export function once<T>(make: () => Promise<T>): (() => Promise<T>) & { started(): boolean } {
  let made: Promise<T> | undefined
  const get = (): Promise<T> => {
    made ??= make()
    return made
  }
  return Object.assign(get, { started: () => made !== undefined })
}
