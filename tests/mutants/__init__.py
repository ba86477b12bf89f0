"""Planted faults: small changes to rules and agents that the tests, and the simulation, must find."""
