"""An invoice far above its Good Faith Estimate: the client may dispute it, so whoever issues it is told."""

from collections.abc import Sequence

from portal.access import Permission, Viewer
from portal.estimates.queries import exceeded
from portal.invoices import warnings
from portal.invoices.warnings import Caution
from portal.language import lazy, locale
from portal.money import written


async def far_above(viewer: Viewer, client_id: int, lines: Sequence[int]) -> list[Caution]:
    if not viewer.may(Permission.ESTIMATE_GIVE):
        return []
    spoken = locale()
    return [
        Caution(
            lazy(
                "Together with earlier invoices this is %(over)s above the Good Faith Estimate of %(expected)s for"
                " %(name)s. From $400 on the client may dispute it: give a new estimate, or say why beforehand.",
                over=written(one.over, spoken), expected=written(one.expected, spoken), name=one.provider,
            ),
            f"/staff/estimates/{one.estimate_id}",
        )
        for one in await exceeded(viewer, client_id, lines)
    ]  # fmt: skip


warnings.declare(far_above)
