"""What an import changes, by noun."""
