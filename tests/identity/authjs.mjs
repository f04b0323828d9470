// Signs somebody in through the request handler of the real Auth.js, or lets it renew the cookies of somebody who is in,
// and prints the session cookies that it sets, as JSON {name: value}.
// Reads {https, secret, user, claims, maxAge, cookies, validAfter} from standard input; with `cookies` it renews them,
// and with `validAfter`, milliseconds or null, it has the callback of docs/authjs.md.
import { Auth, skipCSRFCheck } from '@auth/core'
import Credentials from '@auth/core/providers/credentials'
import { text } from 'node:stream/consumers'

const { https, secret, user, claims, maxAge, cookies, validAfter } = JSON.parse(await text(process.stdin))

const origin = https ? 'https://ide.example.org' : 'http://127.0.0.1:8000'

function signInRequest () {
  return new Request(`${origin}/auth/callback/credentials`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: '',
  })
}

function renewRequest () {
  const cookie = Object.entries(cookies).map(([name, value]) => `${name}=${value}`).join('; ')
  return new Request(`${origin}/auth/session`, { headers: { cookie } })
}

const readValidAfter = async () => validAfter

const documented = {
  async jwt ({ token, user }) {
    if (user) return { ...token, auth_time: Math.floor(Date.now() / 1000) }
    const validAfter = await readValidAfter(token.sub)
    return validAfter && token.auth_time * 1000 < validAfter ? null : token
  },
}

async function sessionCookies (request) {
  const response = await Auth(request, {
    secret,
    trustHost: true,
    basePath: '/auth',
    skipCSRFCheck,
    session: { strategy: 'jwt', maxAge },
    providers: [Credentials({ authorize: () => user })],
    callbacks: validAfter === undefined ? { jwt: ({ token }) => ({ ...token, ...claims }) } : documented,
    logger: { error: (error) => { throw error } },
  })
  const set = response.headers.getSetCookie().map((cookie) => cookie.split(';')[0].split('='))
  return Object.fromEntries(set.filter(([name, value]) => name.includes('session-token') && value))
}

console.log(JSON.stringify(await sessionCookies(cookies ? renewRequest() : signInRequest())))
