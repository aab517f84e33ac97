"""From marts to editions, workbooks and documents."""
