"""What runs beside the server: the container host, and the Python client of the hub that tests and bench use too."""
