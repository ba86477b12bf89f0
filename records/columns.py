"""Types of columns that many tables have, and what the tables are gathered in."""

from sqlalchemy import MetaData, String

metadata = MetaData()
Id = String(128)
Ref = String(32)
At = String(40)
