"""What banks take back, and Stripe's books beside ours."""
