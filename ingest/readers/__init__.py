"""From the bytes of a file to submissions and findings, without a database."""
