"""What flows: frozen, typed messages and the topics that carry them."""
