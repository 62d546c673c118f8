import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The lock of the Python packages and the programs that work with it. */
export interface Lock {
  /** Absolute path of the file with hashes. */
  requirements: string
  /** SHA-256 of its bytes, hex. */
  sha256: string
  /** Folder of churn_ops_environment.py and churn_ops_lock.py. */
  pythonFolder: string
}

/** Reads the lock of a package, or another one. */
export function readLock(packageRoot: string, requirements = join(packageRoot, 'requirements.txt')): Lock {
  return {
    requirements,
    sha256: createHash('sha256').update(readFileSync(requirements)).digest('hex'),
    pythonFolder: join(packageRoot, 'python'),
  }
}
