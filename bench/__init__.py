"""Figures of this machine, one script each; ``make bench`` runs them one after the other."""
