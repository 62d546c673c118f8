import { type IncomingHttpHeaders, request } from 'node:http'

/** What a server answered. */
export interface Reply {
  status: number
  headers: IncomingHttpHeaders
  body: string
}

/** Sends a request as it stands: with any Host, and with dots in its path that fetch would take out. */
export function send(
  url: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Reply> {
  const { hostname, port } = new URL(url)
  const path = url.slice(url.indexOf('/', 'http://'.length))
  return new Promise((resolve, reject) => {
    const { method = 'GET', headers = {}, body = '' } = options
    const sent = request({ hostname, port, path, method, headers, agent: false }, (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString()
      })
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
      )
    })
    sent.once('error', reject)
    sent.end(body)
  })
}
