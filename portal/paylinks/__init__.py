"""Pay by link: one invoice, paid without signing in. Who has the link sees practice, amount and number, and no more."""
