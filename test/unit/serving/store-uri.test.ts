import { expect, test } from 'vitest'
import { absoluteStoreUri, artifactFolder, storeForChild } from '../../../src/serving/store-uri.js'

test('a relative SQLite file or folder means the same in every working folder', () => {
  expect(absoluteStoreUri('sqlite:///mlflow.db', '/home/ann')).toBe('sqlite:////home/ann/mlflow.db')
  expect(absoluteStoreUri('sqlite:////data/mlflow.db', '/home/ann')).toBe('sqlite:////data/mlflow.db')
  expect(absoluteStoreUri('mlruns', '/home/ann')).toBe('/home/ann/mlruns')
  expect(absoluteStoreUri('postgresql://db/mlflow', '/home/ann')).toBe('postgresql://db/mlflow')
  expect(absoluteStoreUri('http://127.0.0.1:5000', '/home/ann')).toBe('http://127.0.0.1:5000')
})

test('artifacts that clients upload lie beside the SQLite file, where a plain `mlflow ui` keeps them', () => {
  expect(artifactFolder('sqlite:////data/mlflow.db', '/home/ann')).toBe('file:///data/mlartifacts')
  expect(artifactFolder('postgresql://db/mlflow', '/home/ann')).toBe('file:///home/ann/mlartifacts')
  expect(artifactFolder('sqlite:////data/a%2520b?/mlflow.db', '/')).toBe(
    'file:///data/a%2520b%3F/mlartifacts',
  )
})

test('a store whose folder MLflow would misread is reached through a link, every other one as it is', () => {
  expect(storeForChild('sqlite:////data/a%2520b/x%3F.db', '/')).toEqual({
    uri: 'sqlite:///store/x%3F.db',
    links: { store: '/data/a%20b' },
  })
  expect(storeForChild('sqlite:///mlflow.db', '/home/ann')).toEqual({
    uri: 'sqlite:////home/ann/mlflow.db',
    links: {},
  })
  expect(storeForChild('postgresql://db/mlflow')).toEqual({ uri: 'postgresql://db/mlflow', links: {} })
})
