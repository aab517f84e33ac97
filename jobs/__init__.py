"""The use cases: one function for a task of a DAG and for a command at the terminal."""
