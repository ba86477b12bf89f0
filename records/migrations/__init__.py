"""How the tables came to be what they are: Alembic's scripts, oldest first in ``versions``.

A change of ``records.tables`` needs a new script; a test compares. ``HEAD`` names the newest, so that a
command sees at once that nothing is to be done.
"""

from pathlib import Path

from sqlalchemy import Column, MetaData, String, Table

HEAD = "0003"
SCRIPTS = Path(__file__).parent
VERSION = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))
"""Where Alembic keeps the version of a database."""
