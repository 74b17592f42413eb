"""Pay Now and cards on file. Card numbers never come here: Stripe keeps them, and we keep Stripe's name for each."""
