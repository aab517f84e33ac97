"""Written reports: the lines of a text, document or PDF, and what prose states."""
