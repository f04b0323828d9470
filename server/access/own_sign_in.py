"""What may only be done by a person who signed in, and not by a program that acts for them."""

from server.access.principal import CredentialKind, Principal
from server.errors import Forbidden


def check_signed_in(principal: Principal) -> None:
    """Raise unless they signed in themselves: a bearer token must not be able to make itself another, to end the
    sessions of its owner, or to learn where they sign in from.

    Raises:
        Forbidden: they came by a bearer token, or by a ticket, which is for one project.
    """
    credential = principal.credential
    if credential is None or credential.kind is CredentialKind.TOKEN or principal.project_id is not None:
        raise Forbidden("Sign in in a browser for this: a token or a ticket has no say in how you sign in.")
