"""
The process that judges: ``python -I -m mrskit.grading.judging.judge_process KEY``; JSON lines in, JSON lines out.

A request is a list of records; an answer is ``{"judged": [...]}`` or ``{"error": "..."}``. The process does not read a
learner's files, and has no network if there is a sandbox.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from pathlib import Path


def main() -> None:
    """Judge until standard input ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # output of libraries must not mix with answers
    from mrskit.grading.judging import attempts
    from mrskit.grading.judging.judging import Judge
    from mrskit.grading.key import open_key
    from mrskit.grading.records import Record

    judge = None
    for line in sys.stdin:
        try:
            judge = judge or Judge(open_key(Path(sys.argv[1])))
            records = [Record.from_json(table) for table in json.loads(line)]
            answer: dict[str, object] = {"judged": attempts.judged(judge, records)}
        except Exception as error:
            traceback.print_exc()
            answer = {"error": f"{type(error).__name__}: {error}"[:2000]}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
