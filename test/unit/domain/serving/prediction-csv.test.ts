import { expect, test } from 'vitest'
import { predictionLine } from '../../../../src/domain/serving/prediction-csv.js'

const line = (id: string | null): string =>
  predictionLine({ row: 1, id, label: 1, probability: 0.5, threshold: null })

test.each([
  ['=HYPERLINK("x")', `1,"'=HYPERLINK(""x"")",1,0.5,`],
  ['@cmd', "1,'@cmd,1,0.5,"],
  ['-A1', "1,'-A1,1,0.5,"],
  ['\tx', "1,'\tx,1,0.5,"],
  ['-12', '1,-12,1,0.5,'],
  ['7590-VHVEG', '1,7590-VHVEG,1,0.5,'],
  ['a,b', '1,"a,b",1,0.5,'],
  [null, '1,,1,0.5,'],
])('the id %j is written so that no spreadsheet runs it', (id, written) => {
  expect(line(id)).toBe(written)
})
