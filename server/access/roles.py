"""The pure table of who may do what: role -> abilities, narrowed by one person's flags and a token's scopes."""

from enum import Flag, StrEnum, auto


class Ability(Flag):
    NONE = 0
    READ = auto()
    WRITE = auto()
    DELETE = auto()
    COMMENT = auto()
    RUN = auto()
    INVITE = auto()
    MANAGE = auto()


SIGNED_IN = Ability.NONE  # declared by what anybody who signed in may do, whatever their project


class Role(StrEnum):
    OWNER = "owner"
    EDITOR = "editor"
    REVIEWER = "reviewer"
    VIEWER = "viewer"


EVERY_ABILITY = (
    Ability.READ | Ability.WRITE | Ability.DELETE | Ability.COMMENT | Ability.RUN | Ability.INVITE | Ability.MANAGE
)

ABILITIES: dict[Role, Ability] = {
    Role.OWNER: EVERY_ABILITY,
    Role.EDITOR: Ability.READ | Ability.WRITE | Ability.DELETE | Ability.COMMENT | Ability.RUN,
    Role.REVIEWER: Ability.READ | Ability.COMMENT,
    Role.VIEWER: Ability.READ,
}

ARCHIVED = Ability.READ | Ability.INVITE | Ability.MANAGE  # the most that anybody has in a project at rest

# `project_collaborators.permissions`: a flag overrides its ability for one person; comment and run follow the role.
FLAGS: dict[str, Ability] = {
    "canRead": Ability.READ,
    "canWrite": Ability.WRITE,
    "canDelete": Ability.DELETE,
    "canInvite": Ability.INVITE,
    "canManagePermissions": Ability.MANAGE,
}

SCOPES: dict[str, Ability] = {"read": Ability.READ, "write": EVERY_ABILITY}


def abilities_of(role: Role, permissions: dict[str, bool]) -> Ability:
    """The abilities of one person: the role's, with the flags that are set for them."""
    granted = ABILITIES[role]
    for flag, ability in FLAGS.items():
        match permissions.get(flag):
            case True:
                granted |= ability
            case False:
                granted &= ~ability
    return granted


def within_scopes(scopes: frozenset[str]) -> Ability:
    """What a credential with these scopes can ever do, whoever holds it."""
    granted = Ability.NONE
    for scope in scopes:
        granted |= SCOPES[scope]
    return granted


def ability_names(abilities: Ability) -> list[str]:
    """As the wire names them, in the order of the table."""
    return [ability.name.lower() for ability in Ability if ability in abilities and ability.name]
