"""From a file to staging: registry, readers, checks and loading."""
