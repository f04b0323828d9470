// Hocuspocus as it is, on a free port, which it prints. Nothing is stored.
import { Server } from '@hocuspocus/server'

const server = new Server({ address: '127.0.0.1', port: 0, quiet: true })
await server.listen()
console.log(server.address.port)
