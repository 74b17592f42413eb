"""Five thousand clients: no transaction is longer than a portion, and nothing is kept that grows with their number."""

import sys
import time
import tracemalloc

import pytest

from portal.announcements.actions import spreading
from portal.announcements.queries import announcements
from portal.database import fetch
from tests.announcements.steps import many_clients, sent
from tests.cast import Cast
from tests.factories import TEST
from tests.messages.steps import as_

WORDS = "The office is closed on Friday. " * 60


@pytest.mark.torture
async def test_five_thousand_clients(cast: Cast, capsys: pytest.CaptureFixture[str]):
    await many_clients(4998)
    await fetch("ANALYZE")
    announcement_id = await sent(await as_(cast, "supervisor"), body=WORDS)
    took: list[float] = []
    tracemalloc.start()
    more = True
    while more:
        began = time.perf_counter()
        more = await spreading.send_portion(TEST, announcement_id)
        took.append(time.perf_counter() - began)
        if len(took) == 10:
            tracemalloc.reset_peak()
            early = tracemalloc.get_traced_memory()[0]
    late, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    began = time.perf_counter()
    found = (await announcements.announcements(await as_(cast, "supervisor"))).announcements[0]
    listed = time.perf_counter() - began
    with capsys.disabled():
        sys.stdout.write(
            f"\n{len(took)} portions, {sum(took):.1f} s, the longest {max(took) * 1000:.0f} ms, the last full one"
            f" {took[-2] * 1000:.0f} ms; memory {(late - early) / 1024:+.0f} KB, at most {(peak - early) / 1024:.0f} KB"
            f" more; the list in {listed * 1000:.0f} ms\n"
        )
    assert (found.total, found.sent) == (5000, 5000)
    assert max(took) < 2
    assert peak - early < 3 * 1024 * 1024
