"""What stands for `tracer dap` on a machine that is not to be trusted: it answers each request by a plan.

The plan is JSON: `{COMMAND: [answer, ..]}`, the last answer again and again. An answer is the body; `null` none at all,
`"end"` the end of the program, `"!why"` a refusal. `stderr` of a body is written there first; `second` of the plan is
what the connections after the first one do: "end", or "hang".
"""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import Any

from tracer.debug.via import Via


def far(folder: Path, **plan: Any) -> Via:
    """The way to it. `journal` stands for `tracer/journal`."""
    if "journal" in plan:
        plan["tracer/journal"] = plan.pop("journal")
    path = folder / "plan.json"
    path.write_text(json.dumps(plan), "utf-8")
    return Via(shlex.join([sys.executable, "-S", "-c", _PROGRAM, str(path)]))


_PROGRAM = """
import json, os, sys, time
plan = json.load(open(sys.argv[1]))
mark = sys.argv[1] + ".came"
if os.path.exists(mark):
    time.sleep(600 if plan.get("second") == "hang" else 0)
    sys.exit()
open(mark, "w").close()
while True:
    length = 0
    while (line := sys.stdin.buffer.readline()) != b"\\r\\n":
        if not line:
            sys.exit()
        length = int(line.split(b":")[1])
    asked = json.loads(sys.stdin.buffer.read(length))
    answers = plan.get(asked["command"], [{}])
    answer = answers.pop(0) if len(answers) > 1 else answers[0]
    if answer is None:
        continue
    if answer == "end":
        sys.exit()
    if isinstance(answer, dict) and "stderr" in answer:
        sys.stderr.write(answer.pop("stderr"))
        sys.stderr.flush()
    said = {"seq": 1, "type": "response", "request_seq": asked["seq"], "command": asked["command"], "success": True}
    if isinstance(answer, str):
        said.update(success=False, message=answer[1:])
    else:
        said["body"] = answer
    data = json.dumps(said).encode()
    sys.stdout.buffer.write(b"Content-Length: %d\\r\\n\\r\\n" % len(data) + data)
    sys.stdout.flush()
"""
