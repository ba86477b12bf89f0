"""The scripts, one for each change."""
