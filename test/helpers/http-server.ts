import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server of this process on a free port. */
export interface HttpServer {
  url: string
  /** Bodies of the requests so far, in order. */
  bodies: string[]
  close(): Promise<void>
}

/** Starts a server that answers as scripted; `answer` gets the body as text. */
export async function startHttpServer(
  answer: (body: string, ...listener: Parameters<RequestListener>) => void,
): Promise<HttpServer> {
  const bodies: string[] = []
  const server: Server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString()
    })
    request.on('end', () => {
      bodies.push(body)
      answer(body, request, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bodies,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
