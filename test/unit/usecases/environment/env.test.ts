import { describe, expect, it } from 'vitest'
import { runToEnd } from '../../../../src/process/run.js'
import { shellLines } from '../../../../src/usecases/environment/env.js'

describe('the lines for a shell', () => {
  it('are the three that the documents name', () => {
    expect(shellLines({ binFolder: '/home/ann/env/bin', trackingUri: 'sqlite:///mlflow.db' })).toEqual([
      'export PATH="/home/ann/env/bin:$PATH"',
      'export MLFLOW_TRACKING_URI="sqlite:///mlflow.db"',
      'export MLFLOW_DISABLE_TELEMETRY=true',
      'export MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false',
    ])
  })

  it('keep every character of an odd path when a shell evaluates them', async () => {
    const binFolder = '/odd $HOME `id` "quoted" \\ \'single\'/bin'
    const trackingUri = 'http://host/$(id)?a="b"&c=d'
    const lines = shellLines({ binFolder, trackingUri }).join('\n')
    const print = 'eval "$1"; printf "%s\\n%s" "$PATH" "$MLFLOW_TRACKING_URI"'
    const { stdout } = await runToEnd('/bin/sh', ['-c', print, 'sh', lines], {
      environment: { PATH: '/bin' },
    })
    expect(stdout).toBe(`${binFolder}:/bin\n${trackingUri}`)
  })
})
