"""What accounts do, one file for each noun."""
