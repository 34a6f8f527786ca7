"""Client of the VASP registry. Anything but a clear, signed and current yes is a no: see `Verdict.proceed`."""

from .client import AsyncClient, Client
from .errors import ConfigurationError, InvalidSubject, NotCleared, NotVerified, ProblemError, RegistryError, Unavailable
from .log import Checkpoint, verify_change, verify_checkpoint, verify_inclusion
from .receipts import Receipt, verify_receipt
from .transport import VERSION as __version__
from .transport import Event, Settings
from .verdict import Clearance, Resolved, Verdict
from .webhooks import WebhookMessage, verify_webhook

__all__ = [
    "AsyncClient", "Checkpoint", "Clearance", "Client", "ConfigurationError", "Event", "InvalidSubject", "NotCleared", "NotVerified",
    "ProblemError", "Receipt", "RegistryError", "Resolved", "Settings", "Unavailable", "Verdict", "WebhookMessage", "__version__",
    "verify_change", "verify_checkpoint", "verify_inclusion", "verify_receipt", "verify_webhook",
]  # fmt: skip
