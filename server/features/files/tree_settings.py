"""What the owner decides for the whole tree of a project."""

from dataclasses import dataclass

from protocol.files import ChangeTreeSettings, GetTreeSettings, TreeSettings, TreeSettingsChanged
from server.errors import Conflict, NotFound
from server.feature import Call, Caller, Result, Services, numbered, rights_changed
from server.features.files.rows import lock_tree
from server.store import files as store
from server.store import projects
from server.store.audit import append_audit
from server.store.db import Transaction


@dataclass(frozen=True, slots=True)
class SettingCommands:
    services: Services

    async def get(self, call: Call, _command: GetTreeSettings) -> Result[TreeSettings]:
        async with self.services.db.acquire() as connection:
            keeps = await projects.get_case_clashes.maybe(connection, project_id=call.caller.project_id)
        if keeps is None:
            raise NotFound("There is no such project.")
        return Result(TreeSettings(keeps_case_clashes=keeps))

    async def change(self, call: Call, command: ChangeTreeSettings) -> Result[TreeSettings]:
        caller, tx, project_id = call.caller, call.transaction, call.caller.project_id
        keeps, settings = command.keeps_case_clashes, TreeSettings(keeps_case_clashes=command.keeps_case_clashes)
        if await lock_tree(tx, project_id) is keeps:
            return Result(settings)
        if not keeps:
            await _refuse_pairs(tx, caller)
        await projects.set_case_clashes.run(tx, project_id=project_id, keeps=keeps)
        await append_audit(
            tx,
            actor_id=caller.principal.user_id,
            project_id=project_id,
            action=TreeSettingsChanged.name,
            subject=str(project_id),
            details={"keepsCaseClashes": keeps},
        )
        told = await numbered(tx, project_id, TreeSettingsChanged(settings=settings))
        return Result(settings, [told, rights_changed(project_id=project_id)])


async def _refuse_pairs(tx: Transaction, caller: Caller) -> None:
    pair = await store.find_clashing_pair.maybe(tx, project_id=caller.project_id)
    if pair is None:
        return
    are_seen = caller.paths.sees(pair.path) and caller.paths.sees(pair.other)
    named = f"{pair.path} and {pair.other}" if are_seen else "Some paths"
    raise Conflict(f"{named} differ only by case. Rename one of each such pair first.")
