"""What crosses a wire: REST models, the job document, device reports.

Only pydantic is imported here, so that the device agent installs this package without the cloud's
dependencies. A change of meaning gets a new schema name; old agents stay in the field for years.
"""
