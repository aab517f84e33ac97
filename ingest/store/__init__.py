"""All SQL of ingestion: registry, loading, archive, inbox, the copied catalogue."""
