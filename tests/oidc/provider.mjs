// A real OpenID provider (npm `oidc-provider`) for tests/it/sign_in/oidc.rs, on a free port of this machine. Prints its issuer, and
// ends with its standard input. What a test asks of it stands under /test/: whose account signs in, other keys, and an ID
// token that is not as it should be.

import { createServer } from 'node:http';
import Provider from 'oidc-provider';
import * as jose from 'jose';

const CLIENT = {
  client_id: 'registry',
  client_secret: 'a secret of the registry and the provider',
  redirect_uris: ['https://registry.example.org/sign-in/test'],
  response_types: ['code'],
  grant_types: ['authorization_code'],
};

let issuer, provider, key;
let account = 'nobody';
let twist = null;

async function newKey() {
  const { privateKey } = await jose.generateKeyPair('RS256', { extractable: true });
  return { ...(await jose.exportJWK(privateKey)), kid: crypto.randomUUID(), alg: 'RS256', use: 'sig' };
}

// Signs the claims of a token anew, changed as the test wants them.
async function twisted(token) {
  const claims = { ...jose.decodeJwt(token), ...twist.claims };
  const signed = new jose.SignJWT(claims);
  switch (twist.signed) {
    case 'not':
      return new jose.UnsecuredJWT(claims).encode();
    case 'with the client secret':
      return signed.setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(CLIENT.client_secret));
    case 'by another':
      return signed.setProtectedHeader({ alg: 'RS256', kid: key.kid }).sign(await jose.importJWK(await newKey(), 'RS256'));
    default:
      return signed.setProtectedHeader({ alg: 'RS256', kid: key.kid }).sign(await jose.importJWK(key, 'RS256'));
  }
}

function start() {
  provider = new Provider(issuer, {
    clients: [CLIENT],
    jwks: { keys: [key] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'] },
    conformIdTokenClaims: false,
    cookies: { keys: ['a key of the test'] },
    features: { devInteractions: { enabled: false } },
    findAccount: (_, sub) => ({
      accountId: sub,
      claims: () => ({ sub, email: `${sub}@example.org`, email_verified: true }),
    }),
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    pkce: { required: () => true },
    ttl: { AccessToken: 30, AuthorizationCode: 60, Grant: 60, IdToken: 30, Interaction: 60, Session: 60 },
  });
  provider.use(async (ctx, next) => {
    await next();
    if (twist && ctx.oidc?.route === 'token' && ctx.body?.id_token) {
      ctx.body.id_token = await twisted(ctx.body.id_token);
    }
  });
}

// In place of pages: the account that the test named signs in and agrees.
async function interact(request, response) {
  const { prompt, params } = await provider.interactionDetails(request, response);
  const result = {};
  if (prompt.name === 'login') {
    result.login = { accountId: account };
  } else {
    const { accountId } = (await provider.interactionDetails(request, response)).session;
    const grant = new provider.Grant({ accountId, clientId: params.client_id });
    grant.addOIDCScope('openid email');
    result.consent = { grantId: await grant.save() };
  }
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
}

async function told(request) {
  let body = '';
  for await (const part of request) body += part;
  return JSON.parse(body || 'null');
}

const server = createServer(async (request, response) => {
  try {
    if (request.url === '/test/account') {
      account = await told(request);
    } else if (request.url === '/test/twist') {
      twist = await told(request);
    } else if (request.url === '/test/keys') {
      key = await newKey();
      start();
    } else if (request.url.startsWith('/interaction/')) {
      return await interact(request, response);
    } else {
      return provider.callback()(request, response);
    }
    response.end();
  } catch (error) {
    response.statusCode = 500;
    response.end(String(error.stack));
  }
});

server.listen(0, '127.0.0.1', async () => {
  issuer = `http://127.0.0.1:${server.address().port}`;
  key = await newKey();
  start();
  console.log(issuer);
});
process.stdin.on('end', () => process.exit(0)).resume();
