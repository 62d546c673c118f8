/** Sets variables of this process and returns what puts the old ones back; undefined removes one. */
export function setVariables(variables: Record<string, string | undefined>): () => void {
  const before = new Map(Object.keys(variables).map((name) => [name, process.env[name]]))
  const assign = (name: string, value: string | undefined): void => {
    if (value === undefined) delete process.env[name]
    else process.env[name] = value
  }
  for (const [name, value] of Object.entries(variables)) assign(name, value)
  return () => {
    for (const [name, value] of before) assign(name, value)
  }
}
