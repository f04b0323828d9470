// A real OpenID provider on loopback, with its own pages to sign in and to agree. Takes {clients, people, pkce} as JSON
// in the first argument (people: {login: claims}), prints its issuer when it listens, and ends with its input.
import { createServer } from 'node:http'
import Provider from 'oidc-provider'

const { clients, people } = JSON.parse(process.argv[2])

const server = createServer((request, response) => answer(request, response))
let answer
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`
  const provider = new Provider(issuer, {
    clients,
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'preferred_username', 'picture'] },
    findAccount: (_context, login) => ({ accountId: login, claims: () => ({ sub: login, ...people[login] }) }),
    pkce: { required: () => true },
    cookies: { keys: ['only on loopback'] },
    ttl: { Session: 600, Interaction: 600, Grant: 600, AccessToken: 600, IdToken: 600 },
  })
  answer = provider.callback()
  console.log(issuer)
})
process.stdin.resume()
process.stdin.on('end', () => process.exit())
