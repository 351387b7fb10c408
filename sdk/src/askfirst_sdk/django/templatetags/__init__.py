"""Template tags, which Django looks for here."""
