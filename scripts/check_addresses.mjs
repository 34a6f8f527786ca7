// Asks multicoin-address-validator about texts: one JSON array [currency, text] a line in, `true` or `false` a line out.
// Usage: node check_addresses.mjs FOLDER   (the folder whose node_modules holds the package)
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { resolve } from 'node:path'

const validator = createRequire(resolve(process.argv[2], 'package.json'))('multicoin-address-validator')

const accepts = (currency, text) => {
  try {
    return validator.validate(text, currency) === true
  } catch (error) {
    if (error.message.startsWith('Missing validator')) throw error
    return false // some of its readers throw at texts that they cannot decode
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const [currency, text] = JSON.parse(line)
  process.stdout.write(`${accepts(currency, text)}\n`)
}
