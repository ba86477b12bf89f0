"""The tables of the first migration, which never change again."""
