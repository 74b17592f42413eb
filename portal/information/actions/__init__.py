"""What is done about a client's details."""
