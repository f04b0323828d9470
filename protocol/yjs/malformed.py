"""The errors of the Yjs wire: bytes that do not mean what they claim to mean."""


class Malformed(ValueError):
    """Bytes that break a rule of the wire; `reason` is a short stable slug, the message is for people."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class UpdateRefused(Malformed):
    """An update or state vector that must be neither applied, stored nor relayed."""
