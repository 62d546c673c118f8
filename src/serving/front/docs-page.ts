/** The page at /docs: it reads /openapi.json of the same server and asks nobody else. */
export const DOCS_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>churn-ops: the served model</title>
<link rel="stylesheet" href="/docs/style.css">
</head>
<body>
<main>
<h1 id="title">The served model</h1>
<p id="about"></p>
<h2>Routes</h2>
<table><thead><tr><th>Method</th><th>Path</th><th>What it does</th></tr></thead><tbody id="routes"></tbody></table>
<h2>Columns of a row</h2>
<table><thead><tr><th>Name</th><th>Type</th><th>Known values</th></tr></thead><tbody id="columns"></tbody></table>
<h2>Try it</h2>
<p><label for="route">Route</label> <select id="route"></select></p>
<p><label for="body">Body</label></p>
<textarea id="body" rows="14" spellcheck="false"></textarea>
<p><button id="send" type="button">Send</button> <output id="status"></output></p>
<pre id="answer" aria-live="polite"></pre>
<p>The whole document is at <a href="/openapi.json">/openapi.json</a>.</p>
</main>
<script src="/docs/script.js" type="module"></script>
</body>
</html>
`

export const DOCS_STYLE = `body { font: 16px/1.5 system-ui, sans-serif; margin: 0; color: #1b1b1b; background: #fff; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: 0.3rem 0.6rem; border-bottom: 1px solid #ccc; vertical-align: top; }
textarea, pre { width: 100%; box-sizing: border-box; font: 14px/1.4 ui-monospace, monospace; }
pre { background: #f4f4f4; padding: 0.75rem; overflow: auto; min-height: 3rem; }
`

export const DOCS_SCRIPT = `const at = (id) => document.getElementById(id)
const row = (cells) => {
  const line = document.createElement('tr')
  for (const text of cells) line.append(Object.assign(document.createElement('td'), { textContent: text }))
  return line
}
const api = await (await fetch('/openapi.json')).json()
const schemas = api.components.schemas
at('title').textContent = api.info.title
at('about').textContent = api.info.description
const bodies = {}
for (const [path, methods] of Object.entries(api.paths)) {
  for (const [method, { summary, requestBody }] of Object.entries(methods)) {
    at('routes').append(row([method.toUpperCase(), path, summary]))
    if (method !== 'post') continue
    const name = requestBody.content['application/json'].schema.$ref.split('/').at(-1)
    bodies[path] = JSON.stringify(schemas[name].example, null, 2)
    at('route').append(Object.assign(document.createElement('option'), { textContent: path }))
  }
}
for (const [name, { type, examples }] of Object.entries(schemas.Row.properties)) {
  at('columns').append(row([name, type.join(' or '), (examples ?? []).join(', ')]))
}
const example = () => { at('body').value = bodies[at('route').value] }
at('route').addEventListener('change', example)
example()
at('send').addEventListener('click', async () => {
  const answer = await fetch(at('route').value, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-churn-ops-source': 'docs' },
    body: at('body').value,
  })
  at('status').textContent = String(answer.status)
  at('answer').textContent = JSON.stringify(await answer.json(), null, 2)
})
`
