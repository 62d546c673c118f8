/** A request that nobody should send, or that everybody may. */
export interface FuzzRequest {
  path: string
  headers: Record<string, string>
  body: Buffer
}

type Random = () => number

/** Numbers from 0 to 1 that are the same for a seed (mulberry32). */
export function seeded(seed: number): Random {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

const VALUES = [
  'NaN', 'Infinity', '-Infinity', '1e999', '-1e999', '1e39', '1e308', '5e-324', '-0', '9007199254740993',
  'true', 'false', 'null', '""', '"  "', '"\\u0000"', '"\\ud800"', '"é"', '[]', '{}', '[[1]]', '{"a":{"a":1}}',
  '3.7', '"3.7"', '"NaN"', '-1', '1e2', '01', '+1', '.5', `"${'x'.repeat(5000)}"`, '"=cmd()"', 'undefined',
] // biome-ignore format: a list of values reads best in lines.

const pick = <T>(random: Random, list: readonly T[]): T => list[Math.floor(random() * list.length)] as T

/** Makes requests of one base row: valid ones, and what hands, clients and attackers make of them. */
export function fuzzRequest(
  random: Random,
  model: string,
  row: Record<string, string | number>,
): FuzzRequest {
  const kind = pick(random, ['split', 'records', 'instances', 'inputs', 'csv', 'infer', 'infer'])
  const text = kind === 'csv' ? csv(row) : JSON.stringify(documentOf(kind, row, random))
  const path = kind === 'infer' ? `/v2/models/${encodeURIComponent(model)}/infer` : '/invocations'
  const type = kind === 'csv' ? 'text/csv' : 'application/json'
  const headers: Record<string, string> = { 'content-type': random() < 0.03 ? 'text/plain' : type }
  if (random() < 0.02) headers['content-type'] = `${type}; charset=latin1`
  if (random() < 0.02) headers['content-encoding'] = 'gzip'
  if (random() < 0.02) headers['x-churn-ops-source'] = pick(random, ['replay', 'No Good', 'x'.repeat(40)])
  return { path, headers, body: mutated(text, random) }
}

function documentOf(kind: string, row: Record<string, string | number>, random: Random): object {
  const rows = Array.from({ length: Math.floor(random() * 4) }, () => row)
  const names = Object.keys(row)
  const params = random() < 0.5 ? { params: { detail: random() < 0.8 } } : {}
  if (kind === 'split')
    return { dataframe_split: { columns: names, data: rows.map(Object.values) }, ...params }
  if (kind === 'records') return { dataframe_records: rows, ...params }
  if (kind === 'instances') return { instances: rows, ...params }
  if (kind === 'inputs')
    return { inputs: Object.fromEntries(names.map((name) => [name, [row[name]]])), ...params }
  return {
    inputs: names.map((name) => {
      const datatype = typeof row[name] === 'number' ? 'FP64' : 'BYTES'
      return { name, datatype, shape: [1], data: [row[name]] }
    }),
  }
}

function csv(row: Record<string, string | number>): string {
  return `${Object.keys(row).join(',')}\n${Object.values(row).join(',')}\n`
}

function mutated(text: string, random: Random): Buffer {
  let bytes: Buffer = Buffer.from(text)
  for (let left = Math.floor(random() * 4); left > 0; left--) bytes = mutate(bytes, random)
  return bytes
}

function mutate(bytes: Buffer, random: Random): Buffer {
  const at = Math.floor(random() * bytes.length)
  const text = bytes.toString('latin1')
  const put = (start: number, end: number, piece: string): Buffer =>
    Buffer.from(text.slice(0, start) + piece + text.slice(end), 'latin1')
  switch (Math.floor(random() * 9)) {
    case 0:
      return bytes.subarray(0, at)
    case 1:
      return put(at, at + 1, String.fromCharCode(Math.floor(random() * 256)))
    case 2:
      return put(at, at + Math.floor(random() * 20), '')
    case 3:
      return put(at, at, pick(random, ['{', '}', '[', ']', '"', ',', ':', '\\', '\n', '\xff\xfe', '\xc3(']))
    case 4:
      return put(at, at, pick(random, ['['.repeat(3000), '{"a":'.repeat(200), '"tenure":1,"tenure":2,']))
    case 5:
      return put(
        0,
        text.length,
        pick(random, ['', 'null', '[]', '{}', '0', '"x"', '{"params":{}}', ',,,\n1,2,3']),
      )
    default:
      return replacedValue(text, random)
  }
}

/** Puts something strange in the place of one value. */
function replacedValue(text: string, random: Random): Buffer {
  const values = [...text.matchAll(/(?<=[:,[])(?:"[^"]*"|-?\d[\d.]*)/g)]
  const chosen = values.length === 0 ? undefined : pick(random, values)
  const value = pick(random, VALUES)
  if (chosen === undefined) return Buffer.from(text + value, 'latin1')
  const start = chosen.index
  return Buffer.concat([
    Buffer.from(text.slice(0, start), 'latin1'),
    Buffer.from(value),
    Buffer.from(text.slice(start + chosen[0].length), 'latin1'),
  ])
}
