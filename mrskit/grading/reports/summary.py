"""Summary of one grading, with notes for the instructor."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mrskit.grading.intake import accounts
from mrskit.grading.intake.intake import Intake
from mrskit.grading.reports import grades, overview
from mrskit.grading.reports.grades import StudentGrade


@dataclass(frozen=True, slots=True)
class Summary:
    """The results of a grading."""

    grades: Sequence[StudentGrade]
    submissions: int
    executed: int  # notebooks that were run this time
    judged: int  # records that were judged this time
    errors: int  # of the grader
    isolation: str
    unwritten: Mapping[str, str] = field(default_factory=dict)  # student -> reason for missing feedback
    unread: int = 0  # of the submissions
    intake: Intake = field(default_factory=Intake)
    lessons_asked: bool = True  # whether the rules list the required lessons

    @property
    def others(self) -> str:
        """Reasons why notebooks were not run this time; empty if all were run."""
        kept = self.submissions - self.executed - self.unread
        said = [f"{kept} had been run before"] if kept > 0 else []
        said += [f"{self.unread} cannot be read"] if self.unread else []
        return f" Of the others {' and '.join(said)}." if said else ""

    @property
    def files(self) -> Mapping[str, int]:
        """Number of files by status."""
        return Counter(row.status for row in self.intake.rows)

    @property
    def said(self) -> Sequence[str]:
        """Notes for the instructor on the submissions, one per line."""
        reasons = Counter(row.reason for row in self.intake.rows if row.status not in (accounts.USED, accounts.ATTEMPT))
        why = "; ".join(f"{count} {reason}" for reason, count in reasons.most_common(4)) or "none"
        used, more = self.files[accounts.USED], self.files[accounts.ATTEMPT]
        why += "; and others" if len(reasons) > 4 else ""
        lines = [f"Files: {used} used, {more} other attempts; not used: {why}."]
        for lesson, count in () if self.lessons_asked else overview.handed_in(self.grades):
            if 2 * count < len(self.grades):
                lines.append(f"{count} of {len(self.grades)} handed in {lesson}, and it counts for everybody. Set "
                             "'lessons' in grading.toml to the lessons that are required.")  # fmt: skip
        unread, nothing = overview.without(self.grades)
        lines += [f"{unread} without readable files and {nothing} without submissions count with 0 % in the "
                  "mean of the class."] if unread or nothing else []  # fmt: skip
        if count := self._late_by_files():
            lines.append(f"{count} lost points for late work because of a file time, which copying and downloading "
                         "change. If a time is wrong, put the right time into submitted.csv of the key.")  # fmt: skip
        return [*lines, *(f"Note: {note}." for note in self.intake.notes)]

    @property
    def lost(self) -> str:
        """Number of files that match no student or could not be read; empty if there are none."""
        nobody = self.files[accounts.NOBODY]
        unread = sum(lesson.status == grades.UNREADABLE for grade in self.grades for lesson in grade.lessons)
        said = [f"{nobody} file{'s match' if nobody != 1 else ' matches'} no student."] if nobody else []
        return " ".join(
            [*said, f"{unread} submission{'s' if unread != 1 else ''} could not be read."] if unread else said
        )

    def _late_by_files(self) -> int:
        """Return the number of lessons that lost points for a time that is not from a platform or the instructor."""
        times = {row.path: grades.iso(grades.moment(row.modified)) for row in self.intake.rows
                 if row.layout not in ("blackboard", "brightspace", "nbgrader, timestamp.txt")}  # fmt: skip
        lessons = [lesson for grade in self.grades for lesson in grade.lessons if lesson.penalty]
        return sum(times.get(lesson.path) == lesson.submitted for lesson in lessons)
