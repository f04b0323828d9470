"""The Yjs wire: lib0 primitives, y-protocols messages, awareness, and the gate that every update passes."""
