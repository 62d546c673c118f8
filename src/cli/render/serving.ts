/** What the terminal shows while a model is served. */
export function renderServing(server: {
  url: string
  version: string
  pid: number
  engine: string
  model: string
}): string {
  return [
    `${server.model} version ${server.version} is served at ${server.url} (process ${server.pid}, engine ${server.engine}). Ctrl-C stops it.`,
    `  curl -X POST ${server.url}/invocations -H "Content-Type: application/json" -d @test.json`,
    `  All routes: ${server.url}/docs`,
  ].join('\n')
}
