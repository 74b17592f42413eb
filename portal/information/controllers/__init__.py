"""Pages of a client's details, for clients and for staff."""
