"""Collaborators from rows to what others see of them, and who may change whom. Pure."""

from protocol.collaborators import Collaborator, Permissions
from protocol.ids import UserId
from protocol.session import Person
from server.access.people import shown_name
from server.access.principal import LIGHT_ALPHA, color_of
from server.access.roles import ABILITIES, Ability, Role, abilities_of, ability_names
from server.errors import Forbidden, Invalid
from server.store.collaborators import CollaboratorRow

FIELDS = [(name, field.alias or name) for name, field in Permissions.model_fields.items()]  # as in rows: camelCase


def collaborator(row: CollaboratorRow, *, with_email: bool = False) -> Collaborator:
    """What is told of somebody; the address only to those who may know it."""
    flags = flags_of(row)
    return Collaborator(
        person=_person(row),
        email=row.email if with_email else None,
        role=row.role.value,
        permissions=Permissions(**{name: flags.get(flag) for name, flag in FIELDS}),
        abilities=ability_names(granted(row)),
        invited_by=None if row.invited_by is None else UserId(row.invited_by),
        joined_at=row.joined_at,
    )


def granted(row: CollaboratorRow) -> Ability:
    """What their role and permissions come to."""
    return abilities_of(Role(row.role.value), flags_of(row))


def flags_of(row: CollaboratorRow) -> dict[str, bool]:
    return {name: value for name, value in row.permissions.items() if isinstance(value, bool)}


def check_may_change(actor: Ability, before: Ability, after: Ability) -> None:
    """Nobody gives or takes what they do not have.

    Raises:
        Forbidden: one of the two has, or would get, more than the actor may do.
    """
    if Ability.MANAGE not in actor:
        raise Forbidden("You may not change what others may do in this project.")
    if before not in actor:
        raise Forbidden("They may do things that you may not, so you cannot change their rights.")
    if after not in actor:
        raise Forbidden("You cannot give somebody rights that you do not have yourself.")


def check_may_invite(actor: Ability, role: Role) -> None:
    """Nobody invites somebody to more than they have.

    Raises:
        Forbidden: the role may do things that the actor may not.
    """
    if not may_invite(actor, role):
        raise Forbidden(f"You cannot invite somebody as {role}: that is more than you may do here yourself.")


def may_invite(actor: Ability, role: Role) -> bool:
    return Ability.INVITE in actor and ABILITIES[role] in actor


def check_is_not_owner(row: CollaboratorRow) -> None:
    """Raises: Invalid when they own the project."""
    if Role(row.role.value) is Role.OWNER:
        raise Invalid("A project keeps its owner. Transfer the project to somebody else first.")


def _person(row: CollaboratorRow) -> Person:
    color = row.color or color_of(UserId(row.user_id))
    return Person(
        id=UserId(row.user_id),
        name=shown_name(row.name, row.email),
        color=color.lower(),
        color_light=color.lower() + LIGHT_ALPHA,
    )
