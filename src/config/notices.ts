import type { Complaint } from './complaints.js'

/**
 * Puts environment variables into the addresses of notices. A secret belongs into the environment: an address with a
 * written-out password is refused, and never repeated.
 */
export function expandNotices(
  addresses: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  complaints: Complaint[],
): { urls: string[]; missing: string[] } {
  const urls: string[] = []
  const missing: string[] = []
  for (const [place, address] of addresses.entries()) {
    if (/:\/\/[^/@\s]*:(?!\$\{)[^/@\s]+@/.test(address)) {
      const text = `Address ${place + 1} of "notices" contains a plain-text password; put it into an environment variable and write \${NAME}.`
      complaints.push({ code: 'CONFIG_INVALID', text })
      continue
    }
    const names = [...address.matchAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g)].map(([, name]) => String(name))
    const unset = names.filter((name) => !environment[name])
    if (unset.length > 0) missing.push(...unset)
    else urls.push(address.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, name) => environment[name] ?? ''))
  }
  return { urls, missing: [...new Set(missing)] }
}
