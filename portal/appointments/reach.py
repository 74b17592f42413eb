"""Whose requests one answers."""

from typing import Any

from piccolo.columns.combination import WhereRaw

from portal.access import Viewer
from portal.appointments.tables import Appointment


def reached(viewer: Viewer) -> Any:
    """A condition for `.where(…)`: of the charts in reach, and of one's own time; never of one's own chart."""
    charts = viewer.reaches(Appointment).querystring
    own = "appointment.clinician = {}::bigint AND appointment.client <> ALL({}::bigint[])"
    return WhereRaw(f"({{}} OR {own})", charts, viewer.staff_id, list(viewer.own_clients))
