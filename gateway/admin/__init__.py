"""The pages of coordinators and admins."""
