"""What a step costs: counted, measured side by side, and how it grows. See `adambook bench`."""
