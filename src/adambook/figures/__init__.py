"""Every plot that the book draws: `look` is their common look, each other file one chapter's."""
