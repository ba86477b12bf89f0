"""Writes it down: Kafka into records."""
