"""The web edge: webhooks, pages, API."""
