"""The completed PDF of what was sent: drawn, sealed, kept, and checked by whoever has it."""
