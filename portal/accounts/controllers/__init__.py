"""The front door, and the panel on the chart that opens it."""
