"""Python's garbage collector while a screen opens: what is imported and mounted then stays, and is searched in vain."""

from __future__ import annotations

import gc
from types import TracebackType


class Held:
    """A context without collections until `release`, or its end; what there is by then is never searched again."""

    def __enter__(self) -> Held:
        self._was = gc.isenabled()
        gc.disable()
        return self

    def release(self) -> None:
        """Collect again, if it was so before."""
        if self._was:
            self._was = False
            gc.freeze()
            gc.enable()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.release()
