"""Writes the API's document (OpenAPI 3.1) from the operations that functions/api declares, and what is made of it."""
