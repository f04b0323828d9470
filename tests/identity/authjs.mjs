// Signs somebody in through the request handler of the real Auth.js and prints the session cookies that it sets, as JSON
// {name: value}. Reads {https, secret, user, claims, maxAge} from standard input.
import { Auth, skipCSRFCheck } from '@auth/core'
import Credentials from '@auth/core/providers/credentials'
import { text } from 'node:stream/consumers'

const { https, secret, user, claims, maxAge } = JSON.parse(await text(process.stdin))

async function signIn () {
  const origin = https ? 'https://ide.example.org' : 'http://127.0.0.1:8000'
  const request = new Request(`${origin}/auth/callback/credentials`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: '',
  })
  const response = await Auth(request, {
    secret,
    trustHost: true,
    basePath: '/auth',
    skipCSRFCheck,
    session: { strategy: 'jwt', maxAge },
    providers: [Credentials({ authorize: () => user })],
    callbacks: { jwt: ({ token }) => ({ ...token, ...claims }) },
    logger: { error: (error) => { throw error } },
  })
  const cookies = response.headers.getSetCookie().map((cookie) => cookie.split(';')[0].split('='))
  return Object.fromEntries(cookies.filter(([name]) => name.includes('session-token')))
}

console.log(JSON.stringify(await signIn()))
