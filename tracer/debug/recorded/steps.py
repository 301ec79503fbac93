"""Where a step in recorded time leads, forwards or backwards. Data in, an index out."""

from __future__ import annotations

from tracer.debug.recorded.tape import Tape
from tracer.debug.scene import Scene
from tracer.debug.stops import step_of


def forward(tape: Tape, at: int, scene: Scene, mode: str) -> int | None:
    """The point after `at` to which next, stepIn or stepOut of a scene's thread leads; None: there is none."""
    step, told = step_of(scene, mode), tape.told[scene.inv]
    ahead = range(at + 1, max(told.last, at) + 1)
    found = next((to for to in ahead if step.fits(tape.points[to])), None)
    return found if found is not None else _outside(tape, scene.inv, range(max(told.last, at) + 1, len(tape.points)))


def backward(tape: Tape, at: int, scene: Scene) -> int | None:
    """The point before `at` from which `next` would come: over sub-agents, and over the calls beside one's own."""
    call = scene.index if scene.level == 3 else None
    told = tape.told[scene.inv]

    def fits(to: int) -> bool:
        point = tape.points[to]
        mine = call is None or point.level < 3 or point.index == call
        return point.inv == scene.inv and (point.cycle < scene.cycle or mine)

    found = next((to for to in range(at - 1, told.first - 1, -1) if fits(to)), None)
    return found if found is not None else _outside(tape, scene.inv, range(min(told.first, at) - 1, -1, -1))


def _outside(tape: Tape, inv: str, candidates: range) -> int | None:
    """The first of the points that lies in an invocation around this one, or around which there is none: in any."""
    within = inv + "."
    for to in candidates:
        other = tape.points[to].inv
        if (within.startswith(other + ".") and other != inv) or "." not in inv:
            return to
    return None
