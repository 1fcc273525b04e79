"""The device side of EdgeFlow: takes jobs from AWS IoT, and runs flows.

Of the package edgeflow it imports the contract only.
"""

from typing import Final

__version__: Final = "0.1.0"
