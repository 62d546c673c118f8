import { describe, expect, it } from 'vitest'
import {
  candidateName,
  DEFAULT_GRID,
  expandGrid,
  gridComplaints,
  MAX_CANDIDATES,
  parseGridOptions,
} from '../../../../src/domain/search/grid.js'

describe('parseGridOptions', () => {
  it('reads none, numbers, truth values and text', () => {
    const { grid, complaints } = parseGridOptions([
      'max_depth=none,3',
      'min_samples_split=0.1, 2,1e-1',
      'class_weight=None,balanced',
      'ccp_alpha=.5',
      'criterion=true,FALSE',
    ])
    expect(complaints).toEqual([])
    expect(grid).toEqual({
      max_depth: [null, 3],
      min_samples_split: [0.1, 2, 0.1],
      class_weight: [null, 'balanced'],
      ccp_alpha: [0.5],
      criterion: [true, false],
    })
  })

  it.each(['n_estimators', '=5', 'n_estimators=', 'n_estimators=1,,2'])('refuses %j', (option) => {
    expect(parseGridOptions([option]).complaints).toEqual([expect.stringContaining('name=value,value')])
  })

  it('refuses a parameter given twice and a number that Python would take for another', () => {
    expect(parseGridOptions(['max_depth=1', 'max_depth=2']).complaints[0]).toContain('twice')
    expect(parseGridOptions(['max_features=1.0']).complaints[0]).toContain('cannot be distinguished')
  })

  it('offers the nearest parameter', () => {
    expect(parseGridOptions(['n_estimator=5']).complaints[0]).toContain('did you mean n_estimators?')
    expect(parseGridOptions(['random_state=5']).complaints[0]).toContain('--seed')
    expect(parseGridOptions(['__proto__=5']).complaints[0]).toContain('known are')
  })
})

describe('gridComplaints', () => {
  it('has none for the default', () => {
    expect(gridComplaints(DEFAULT_GRID)).toEqual([])
  })

  it.each([
    ['n_estimators', 0],
    ['n_estimators', -3],
    ['n_estimators', 2.5],
    ['n_estimators', null],
    ['n_estimators', 'many'],
    ['n_estimators', 1e12],
    ['max_depth', 0],
    ['max_depth', Number.POSITIVE_INFINITY],
    ['min_samples_split', 1],
    ['min_samples_split', true],
    ['max_features', 'auto'],
    ['criterion', 'log'],
  ])('calls %s=%s impossible', (name, value) => {
    expect(gridComplaints({ [name]: [value] })).toEqual([expect.stringContaining(`${name}=`)])
  })

  it('names doubled values, empty lists and grids beyond the limit', () => {
    expect(gridComplaints({ max_depth: [3, null, 3] })).toEqual(['max_depth has 3 twice.'])
    expect(gridComplaints({ max_depth: [] })).toEqual(['max_depth has no values.'])
    const many = Array.from({ length: MAX_CANDIDATES + 1 }, (_, at) => at + 1)
    expect(gridComplaints({ n_estimators: many })).toEqual([expect.stringContaining('10001 candidates')])
  })
})

describe('expandGrid', () => {
  it('gives the 27 default candidates in the documents order', () => {
    const names = expandGrid(DEFAULT_GRID).map((params) => candidateName(params))
    expect(names).toHaveLength(27)
    expect(new Set(names).size).toBe(27)
    expect(names.slice(0, 4)).toEqual(['RF_50_10_2', 'RF_50_10_5', 'RF_50_10_10', 'RF_50_20_2'])
    expect(names.at(-1)).toBe('RF_200_None_10')
  })

  it('does not depend on the order of the keys', () => {
    const one = expandGrid({ criterion: ['gini'], max_depth: [1, 2], n_estimators: [5] })
    const other = expandGrid({ n_estimators: [5], max_depth: [1, 2], criterion: ['gini'] })
    expect(JSON.stringify(one)).toBe(JSON.stringify(other))
  })
})

it('names a candidate after its parameters, further ones with their names', () => {
  const base = { n_estimators: 200, max_depth: 10, min_samples_split: 5 }
  expect(candidateName(base)).toBe('RF_200_10_5')
  expect(candidateName({ ...base, max_depth: null, criterion: 'gini', class_weight: null })).toBe(
    'RF_200_None_5_class_weight-None_criterion-gini',
  )
})
