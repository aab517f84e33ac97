"""What goes back to reporting units: templates, feedback, reminders, calendar, status."""
