"""Who asks from elsewhere finds here whether a bill is far above its estimate."""

from portal.estimates.queries.exceeding import Exceeded, exceeded

__all__ = ["Exceeded", "exceeded"]
