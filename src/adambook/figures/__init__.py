"""Every plot that the book draws: `look` is their common look, `tables` shows rows, each other file one chapter's."""
