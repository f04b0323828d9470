"""`python -m bench.replay`: one client sends a long history as fast as it comes back, which for us means committed."""

from dataclasses import asdict

from bench.history import history
from bench.journal import Case, Figures, Journal, Work
from bench.laboratory import Laboratory
from bench.machine import Watch
from bench.sending import writing
from bench.tables import CPU_COLUMN, cpu, markdown, median_of, ratio, spread
from bench.targets import OURS

EDITS, QUICK_EDITS = 260_000, 2_000


class Replay:
    name = "replay"

    def cases(self, *, is_quick: bool) -> list[Case]:
        return [{"edits": QUICK_EDITS if is_quick else EDITS}]

    def fits(self, case: Case, target: str) -> bool:  # noqa: ARG002 - every server takes edits
        return True

    async def measured(self, work: Work, lab: Laboratory) -> Figures:
        updates = history(int(work.case["edits"])).updates
        async with lab.server(work.target) as target, writing(target.room("replay"), updates) as send:
            with Watch(target.server_pids, target.database_pids) as watch:
                took_s = await send()
        lab.tell(f"{len(updates):,} edits in {took_s:.1f} s: {len(updates) / took_s:,.0f} edits/s")
        return {"edits_per_s": len(updates) / took_s, "took_s": took_s, "cpu": asdict(watch.busy)}

    def section(self, journal: Journal) -> str:
        rows = []
        for case, target, records in journal.grouped(self.name):
            peers = [
                median_of(journal.of(self.name, case, name), _rate)
                for name in journal.targets(self.name)
                if name != OURS
            ]
            rows.append(
                [
                    f"{case['edits']:,}",
                    target,
                    spread(records, _rate),
                    ratio(median_of(records, _rate), peers),
                    cpu(records, lambda figures: figures.get("cpu")),
                ]
            )
        return f"{TEXT}\n\n{markdown(('edits', 'server', 'edits/s', 'to best peer', CPU_COLUMN), rows)}"


def _rate(figures: Figures) -> float | None:
    return figures.get("edits_per_s")


TEXT = """\
## Replay of a long history

One client sends made-up keystrokes (bursts here and there, 8 % backspaces) as fast as they come back, with at most
4,096 characters under way. From ours they come back committed, from the peers applied in memory."""

if __name__ == "__main__":
    from bench.__main__ import main

    main(only=Replay.name)
