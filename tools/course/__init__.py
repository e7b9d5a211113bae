"""The course's tools: student versions of the assignments, and their grading."""
