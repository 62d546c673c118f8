// npm run fuzz [BODIES] [SEED]: many more broken bodies against a real served version than `npm test` sends.
import { spawnSync } from 'node:child_process'

const [bodies = '100000', seed = String(Date.now() % 100_000)] = process.argv.slice(2)
process.stderr.write(`${bodies} bodies, seed ${seed}\n`)
const { status } = spawnSync('npx', ['vitest', 'run', 'test/integration/front/fuzz.test.ts'], {
  stdio: 'inherit',
  env: { ...process.env, CHURN_OPS_FUZZ_BODIES: bodies, CHURN_OPS_FUZZ_SEED: seed },
})
process.exit(status ?? 1)
