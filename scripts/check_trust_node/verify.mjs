// Checks saved answers by their receipts with jose: none of the registry's own code.
//
//     node verify.mjs FOLDER
//
// Called by scripts/check-trust. Ends in exit code 1 where a receipt does not hold, or an altered one does.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { createLocalJWKSet, errors, jwtVerify } from 'jose'

const folder = process.argv[2]
const read = (name) => JSON.parse(readFileSync(join(folder, name), 'utf8'))

// RFC 8785: JavaScript writes numbers and strings as the standard says; members in order of their UTF-16 code units.
const canonical = (value) => {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  return `{${Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join()}}`
}
const digest = (value) => `sha256:${createHash('sha256').update(canonical(value)).digest('hex')}`

const keys = createLocalJWKSet(read('jwks.json'))
const options = { issuer: 'https://registry.example.org', algorithms: ['EdDSA'], typ: 'precheck-receipt+jwt', requiredClaims: ['iss', 'iat'] }
const answers = readdirSync(folder).filter((name) => name.endsWith('.answer.json'))
const kids = new Set()
for (const name of answers) {
  const { receipt, evidence, ...rest } = read(name)
  const { payload, protectedHeader } = await jwtVerify(receipt, keys, options)
  kids.add(protectedHeader.kid)
  assert.equal(payload.verdict_digest, digest(rest), name)
  assert.equal(rest.evidence_digest, digest(evidence), name)
  assert.equal(payload.request_digest, digest(read(name.replace('.answer.', '.request.'))), name)
  assert.equal(payload.recommendation, rest.recommendation, name)
  assert.equal(payload.precheck_id, rest.id, name)
  assert.notEqual(payload.verdict_digest, digest({ ...rest, recommendation: 'other' }), name)

  const [head, body, signature] = receipt.split('.')
  const other = Buffer.from(JSON.stringify({ ...payload, recommendation: 'proceed', iat: 1 })).toString('base64url')
  await assert.rejects(jwtVerify(`${head}.${other}.${signature}`, keys, options), errors.JWSSignatureVerificationFailed)
  const strange = Buffer.from(JSON.stringify({ ...protectedHeader, kid: 'other' })).toString('base64url')
  await assert.rejects(jwtVerify(`${strange}.${body}.${signature}`, keys, options), errors.JWKSNoMatchingKey)
}
assert.equal(kids.size, 2, 'a key was replaced in between')
console.log(`check-trust: ${answers.length} receipts by ${kids.size} keys are valid for jose, and altered ones are not`)
