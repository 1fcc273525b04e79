"""The composition root, by subject: adapters and operations, made once per Lambda environment from its settings.

Everything is made when it is first asked for, so a function needs only the settings that it uses; and it imports only
the subjects that it serves. Operations ask ``stores`` and ``services`` for their parts, so that a test replaces any of
them in one place.
"""
