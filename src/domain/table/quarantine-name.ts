/** The file next to a table that takes its invalid rows: `customers.csv` → `customers.quarantine.csv`. */
export function quarantineOf(tablePath: string): string {
  // A name that begins with its only dot has no ending.
  return `${tablePath.replace(/(?<=[^/])\.[^./]*$/, '')}.quarantine.csv`
}
