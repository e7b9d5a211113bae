"""A page of feedback: what each part gives, what went wrong, and the answer that was handed in."""

from __future__ import annotations

from html import escape

from course.marking import Mark, Report

LONGEST = 20_000  # characters of an answer that are shown
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem;
       color: #1b1b1b; background: #fff; }}
h1 {{ font-size: 1.6rem; overflow-wrap: anywhere; }}
h2 {{ margin-top: 2rem; font-size: 1.15rem; }}
pre {{ background: #f4f4f4; padding: .75rem; overflow-x: auto; font-size: .85rem; }}
ul {{ padding-left: 1.25rem; }}
.points {{ font-weight: 600; }}
.lost {{ border-left: .25rem solid #b3261e; padding-left: .75rem; }}
.full {{ border-left: .25rem solid #1d6f42; padding-left: .75rem; }}
.open {{ border-left: .25rem solid #6b6b6b; padding-left: .75rem; }}
</style>
</head>
<body>
<h1>{title}</h1>
<p class="points">{summary}</p>
{notes}
{parts}
</body>
</html>
"""


def page(report: Report) -> str:
    """Return the feedback on one submission as one HTML file that loads nothing else."""
    return PAGE.format(
        title=escape(f"{report.assignment}: {report.student}"),
        summary=escape(_summary(report)),
        notes=_notes(report.notes),
        parts="\n".join(_part(report, part) for part in report.parts()),
    )


def _summary(report: Report) -> str:
    points, most = report.automatic()
    text = f"{points:g} of {most:g} points by the tests."
    waiting = sum(mark.maximum for mark in report.written() if mark.by_hand is None)
    given = [mark for mark in report.written() if mark.by_hand is not None]
    if given:
        text += (
            f" {sum(mark.by_hand or 0 for mark in given):g} of "
            f"{sum(mark.maximum for mark in given):g} points by hand."
        )
    if waiting:
        text += f" {waiting:g} points are still to be marked by hand."
    return text + f" Variant {report.seed}."


def _notes(notes: list[str]) -> str:
    if not notes:
        return ""
    items = "".join(f"<li>{escape(note)}</li>" for note in dict.fromkeys(notes))
    return f"<h2>About the notebook</h2><ul>{items}</ul>"


def _part(report: Report, part: str) -> str:
    marks = [mark for mark in report.marks if (mark.part or mark.grade_id) == part]
    rows = "".join(_mark(report, mark) for mark in marks)
    answer = report.answers.get(part, "")
    if len(answer) > LONGEST:
        answer = answer[:LONGEST] + "\n… (cut here)"
    shown = f"<pre>{escape(answer)}</pre>" if answer else "<p>No answer was found.</p>"
    return f"<h2>{escape(report.headings[part])}</h2>{rows}{shown}"


def _mark(report: Report, mark: Mark) -> str:
    got = mark.by_hand if mark.points is None else mark.points
    kind = "open" if got is None else "full" if got == mark.maximum else "lost"
    points = "to be marked" if got is None else f"{got:g}"
    about = f"{report.headings[mark.grade_id]}: " if mark.part else ""
    text = f" {mark.message}" if mark.message else ""
    return (
        f'<p class="{kind}"><span class="points">{escape(about)}{points} of '
        f"{mark.maximum:g}.</span>{escape(text)}</p>"
    )
