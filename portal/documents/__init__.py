"""Papers of one client: shared to be read, filled in or signed, and what became of each."""
