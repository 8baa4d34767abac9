"""Reports that people read: one HTML page each, with its figures beside it as PNG."""
