"""What is known: SQL tables and queries."""
