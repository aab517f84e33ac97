"""Puts this folder on the path: tests below it share `sheets`, `xlsb` and `mutations`."""
