// Prints the folder with the local S3 server for tests, installed when it is missing: node scripts/object-storage.mjs PYTHON
import { fileURLToPath } from 'node:url'
import { installObjectStorage } from './python-tools.mjs'

const [interpreter = 'python3'] = process.argv.slice(2)
console.log(installObjectStorage(fileURLToPath(new URL('..', import.meta.url)), interpreter))
