"""What is kept: tables, migrations and one module of queries per noun. No HTTP, no files of runs."""
