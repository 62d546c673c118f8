// Writes python/churn_ops/contract.py from the built src/contract: run `npm run build` first.
import { writeFileSync } from 'node:fs'
import { pythonContract } from './python-contract.mjs'

writeFileSync(new URL('../python/churn_ops/contract.py', import.meta.url), await pythonContract())
