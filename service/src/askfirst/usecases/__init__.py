"""One file for each thing that the service does; storage is handed in as protocols."""
