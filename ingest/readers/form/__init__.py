"""Workbooks on official forms."""
