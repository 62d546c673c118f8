import { expect, test } from 'vitest'
import { absoluteStoreUri, artifactFolder } from '../../../src/serving/store-uri.js'

test('a relative SQLite file or folder means the same in every working folder', () => {
  expect(absoluteStoreUri('sqlite:///mlflow.db', '/home/ann')).toBe('sqlite:////home/ann/mlflow.db')
  expect(absoluteStoreUri('sqlite:////data/mlflow.db', '/home/ann')).toBe('sqlite:////data/mlflow.db')
  expect(absoluteStoreUri('mlruns', '/home/ann')).toBe('/home/ann/mlruns')
  expect(absoluteStoreUri('postgresql://db/mlflow', '/home/ann')).toBe('postgresql://db/mlflow')
  expect(absoluteStoreUri('http://127.0.0.1:5000', '/home/ann')).toBe('http://127.0.0.1:5000')
})

test('artifacts that clients upload lie beside the SQLite file, where a plain `mlflow ui` keeps them', () => {
  expect(artifactFolder('sqlite:////data/mlflow.db', '/home/ann')).toBe('/data/mlartifacts')
  expect(artifactFolder('postgresql://db/mlflow', '/home/ann')).toBe('/home/ann/mlartifacts')
})
