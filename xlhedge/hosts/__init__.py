"""What is generated from the catalogue: one file per thing."""
