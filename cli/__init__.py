"""The command line: reminders."""
