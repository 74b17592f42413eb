"""A server of times (RFC 3161): it is told a hash of a seal, and signs when it was told."""

import httpx

KIND, ANSWER = "application/timestamp-query", "application/timestamp-reply"
SECONDS = 10.0
MOST_BYTES = 64 * 1024


class Away(Exception):
    """It does not answer as it should."""


async def answered(url: str, asked: bytes) -> bytes:
    """Whether that answers the question is for whoever asked to say."""
    try:
        async with httpx.AsyncClient(timeout=SECONDS, follow_redirects=False, trust_env=False) as client:
            answer = await client.post(url, content=asked, headers={"Content-Type": KIND, "Accept": ANSWER})
    except httpx.HTTPError as error:
        raise Away(type(error).__name__) from error
    if answer.status_code != 200 or len(answer.content) > MOST_BYTES:
        raise Away(f"HTTP {answer.status_code}")
    return answer.content
