"""The one place that knows which adapters of the socket there are."""

from starlette.websockets import WebSocket

from server.transport.socket import DoorSocket, SocketLimits
from server.transport.socket_asgi import AsgiSocket
from server.transport.upgrade import EXTENSION


async def accepted(websocket: WebSocket, limits: SocketLimits, subprotocol: str | None) -> DoorSocket:
    """Accept the handshake and take the fast socket where the server below offers one, else any server's.

    Raises:
        SocketClosed: the client did not wait.
    """
    take = websocket.scope.get("extensions", {}).get(EXTENSION)
    if take is not None:
        socket: DoorSocket = take(limits, subprotocol)
        return socket
    await websocket.accept(subprotocol)
    return AsgiSocket(websocket, limits)
