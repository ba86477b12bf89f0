"""What we decide: pure functions, no IO, no clock."""
