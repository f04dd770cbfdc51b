"""All that is particular to BigQuery."""
