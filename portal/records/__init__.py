"""Clients ask for their medical records; the practice answers within the time that the law gives it."""
