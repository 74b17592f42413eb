"""What stands under /v1, one file for each noun. Importing one makes its endpoints known to `calls`."""
