"""The checks as a kit for implementations from elsewhere, and golden vectors for those in other languages."""
