"""A stand-in for Stripe, for the demo and for tests: no money moves here.

It speaks Stripe's API over HTTP, so the portal uses Stripe's own library with nothing but another address. What a call
may say and what its answer must hold comes from the annotations of the installed library, not from memory. Nothing of
the portal is imported here, and the portal imports nothing of this: they meet over HTTP only.
"""

SECRET_KEY = "sk_test_sim"
PUBLISHABLE_KEY = "pk_test_sim"
SCRIPT = "/clover/stripe.js"
