import { expect, test } from 'vitest'
import { holdsPassword, redactor, withoutPassword } from '../../../../src/domain/text/redaction.js'

const plain = redactor({})

test.each([
  ['http://me:Pa55word@host:5000/x', 'http://me:***@host:5000/x'],
  ['postgresql+psycopg://me:p@ss/wo:rd@host/db', 'postgresql+psycopg://me:***@host/db'],
  ['at http://me:x@a and https://you:y@b.', 'at http://me:***@a and https://you:***@b.'],
  ['"http://me:x@a","https://b/@c"', '"http://me:***@a","https://b/@c"'],
  ['json://:abc@host', 'json://:***@host'],
  ['postgresql://host/db?password=abc&sslmode=require', 'postgresql://host/db?password=***&sslmode=require'],
  ['http://127.0.0.1:5000/#/models', 'http://127.0.0.1:5000/#/models'],
  ['sqlite:////home/me@work/mlflow.db', 'sqlite:////home/me@work/mlflow.db'],
  ['mail me@example.org at 10:30', 'mail me@example.org at 10:30'],
])('the password of a URL is known by its place: %s', (text, shown) => {
  expect(plain.text(text)).toBe(shown)
})

test('secrets of the environment are known by their value, written plainly or in percents', () => {
  const { text } = redactor({
    MLFLOW_TRACKING_URI: 'http://me:Can%20ary-1@host',
    AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI',
    SLACK_TOKEN: 'xoxb-123456',
    HOME: '/home/me',
  })
  expect(text('Can ary-1, Can%20ary-1, wJalrXUtnFEMI, xoxb-123456, /home/me')).toBe(
    '***, ***, ***, ***, /home/me',
  )
})

test('an ordinary word that is somebody’s password is taken out of URLs alone', () => {
  const { text } = redactor({ MLFLOW_TRACKING_URI: 'postgresql://mlflow:mlflow@host/mlflow' })
  expect(text('postgresql://mlflow:mlflow@host/mlflow by `churn-ops mlflow`')).toBe(
    'postgresql://mlflow:***@host/mlflow by `churn-ops mlflow`',
  )
})

test('every text inside a value is gone through, keys and numbers stay', () => {
  const { value } = redactor({}, ['http://me:Canary-77@host'])
  expect(value({ list: ['a Canary-77', 1, null], inner: { url: 'http://me:x@h' } })).toEqual({
    list: ['a ***', 1, null],
    inner: { url: 'http://me:***@h' },
  })
})

test('a URL with a password is told from one without', () => {
  expect(holdsPassword('http://me:x@host')).toBe(true)
  expect(holdsPassword('http://me@host:80')).toBe(false)
})

test.each([
  ['http://me:p/ss@host/x', 'http://me:***@host/x'],
  ['http://t0ken@host', 'http://***@host'],
  ['mysql://host/db?password=abc', 'mysql://host/db?password=***'],
  [`http://me:${'long'.repeat(100)}@host`, 'http://me:***@host'],
  ['sqlite:///mlflow.db', 'sqlite:///mlflow.db'],
])('a URI that is refused is shown without what may be a secret: %s', (uri, shown) => {
  expect(withoutPassword(uri)).toBe(shown)
})
