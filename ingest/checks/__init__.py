"""Rules applied to what was read: their texts, the suites of Great Expectations, their results."""
