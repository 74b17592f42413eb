"""Which words people agree to."""

EDITION = "2026-11"
