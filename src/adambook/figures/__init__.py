"""Every plot and table of the book: `look` is the plots' common look, the rest by chapter."""
