"""Clients fill in the forms that were shared with them, and send them."""
