import { createServer, type Server } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { listeningInodes, portHolder } from '../../../src/process/port-holder.js'
import { descendants, stopProcessTree } from '../../../src/process/process-tree.js'
import { runToEnd, spawnLongLived } from '../../../src/process/run.js'

const node = process.execPath

describe('running a program to its end', () => {
  it('captures both streams and the exit code', async () => {
    const finished = await runToEnd(node, ['-e', 'console.log("out"); console.error("err"); process.exit(3)'])
    expect(finished).toMatchObject({
      exitCode: 3,
      stdout: 'out',
      stderr: 'err',
      startError: null,
      timedOut: false,
    })
  })

  it('says why a program did not start instead of throwing', async () => {
    expect(await runToEnd('/nowhere/program', [])).toMatchObject({ exitCode: null, startError: 'ENOENT' })
  })

  it('removes a variable that is undefined and sets the others', async () => {
    process.env.CHURN_OPS_TEST_GONE = 'here'
    const print = 'console.log(process.env.CHURN_OPS_TEST_GONE, process.env.CHURN_OPS_TEST_SET)'
    const environment = { CHURN_OPS_TEST_GONE: undefined, CHURN_OPS_TEST_SET: 'set' }
    const finished = await runToEnd(node, ['-e', print], { environment })
    delete process.env.CHURN_OPS_TEST_GONE
    expect(finished.stdout).toBe('undefined set')
  })

  it('stops a program that takes too long', async () => {
    const finished = await runToEnd(node, ['-e', 'setInterval(() => {}, 1000)'], { timeoutMs: 200 })
    expect(finished.timedOut).toBe(true)
  })
})

describe('a long-lived program', () => {
  it('hands on its lines and ends when killed', async () => {
    const lines: string[] = []
    let sawLine: () => void = () => undefined
    const firstLine = new Promise<void>((resolve) => {
      sawLine = resolve
    })
    const running = spawnLongLived(node, ['-e', 'console.log("ready"); setInterval(() => {}, 1000)'], {
      onLine: (line, stream) => {
        lines.push(`${stream} ${line}`)
        sawLine()
      },
    })
    await firstLine
    running.kill('SIGTERM')
    expect(await running.ended).toMatchObject({ signal: 'SIGTERM', startError: null })
    expect(lines).toEqual(['stdout ready'])
  })

  it('reports its end although a grandchild still holds its output', async () => {
    const running = spawnLongLived('sh', ['-c', 'sleep 30 & echo $!; exit 4'], {
      onLine: (line) => {
        grandchild = Number(line)
      },
    })
    let grandchild = 0
    expect(await running.ended).toMatchObject({ exitCode: 4 })
    process.kill(grandchild, 'SIGKILL')
  })

  it('says why it did not start', async () => {
    const running = spawnLongLived('/nowhere/program', [])
    expect(running.pid).toBeNull()
    expect(await running.ended).toMatchObject({ exitCode: null, startError: 'ENOENT' })
  })
})

describe('ending a tree of processes', () => {
  it('leaves neither the program nor what it started, even one that ignores SIGTERM', async () => {
    let sawLine: () => void = () => undefined
    const grandchildStarted = new Promise<void>((resolve) => {
      sawLine = resolve
    })
    const running = spawnLongLived(
      'sh',
      ['-c', '(trap "" TERM; echo $$; while :; do sleep 0.1; done) & wait'],
      {
        onLine: () => sawLine(),
      },
    )
    await grandchildStarted
    const tree = await descendants(running.pid ?? 0)
    expect(tree.length).toBeGreaterThan(1)
    await stopProcessTree(running.pid ?? 0, 300)
    await running.ended
    const left = await Promise.all(tree.map(async (pid) => (await isLiving(pid)) && pid))
    expect(left.filter((pid) => pid !== false)).toEqual([])
  })
})

async function isLiving(pid: number): Promise<boolean> {
  const state = await runToEnd('ps', ['-o', 'stat=', '-p', String(pid)])
  return state.stdout.trim() !== '' && !state.stdout.trim().startsWith('Z')
}

describe('who holds a port', () => {
  let server: Server | undefined
  afterEach(() => server?.close())

  it('names our own process for a port that we listen on, and nobody once it is closed', async () => {
    const listening = createServer()
    server = listening
    const port = await new Promise<number>((resolve) => {
      listening.listen(0, '127.0.0.1', () => {
        const address = listening.address()
        resolve(address !== null && typeof address === 'object' ? address.port : 0)
      })
    })
    expect(await portHolder(port)).toMatchObject({ pid: process.pid })
    await new Promise((resolve) => listening.close(resolve))
    expect(await portHolder(port)).toBeNull()
  })

  it('counts listening sockets only', () => {
    const row = (state: string, inode: number): string =>
      `   0: 0100007F:1F40 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000  1000        0 ${inode} 1`
    expect(listeningInodes(['  sl  local_address', row('0A', 11), row('01', 12)].join('\n'), 8000)).toEqual([
      '11',
    ])
  })
})
