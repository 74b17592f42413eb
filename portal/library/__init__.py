"""The practice's own forms and information sheets: what it has, in which version, and which fields stand in it."""
