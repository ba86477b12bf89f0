"""One small topology, several ways to run it: read JSON, count by person in a table, write JSON."""
