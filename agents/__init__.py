"""Who acts: one function per stage reads tables, asks a rule, writes a table, hands back messages."""
