"""One file, then the end. Limits first, then the imports that the job needs, then no more files; then what was sent."""

import contextlib
import errno
import json
import os
import resource
import sys
from collections.abc import Callable, Iterator

from portal.workshop import (
    CHECK,
    DOCX,
    END,
    FACTS,
    FLATTEN,
    FORM,
    HEIC,
    HEIC_PHOTO,
    JPEG,
    MARK,
    PDF,
    PHOTO,
    PLAN,
    PNG,
    READY,
    REFUSED,
    SEAL,
    TIMESTAMP,
    TXT,
    Refusal,
)

MEBIBYTE = 1024 * 1024
MEMORY = 1280 * MEBIBYTE  # addresses, of which some 200 MiB are code and stacks
SECONDS = 20
Part = tuple[str, bytes | dict[str, object]]
Job = Callable[[bytes], Iterator[Part]]


def main(name: str) -> None:
    limit(resource.RLIMIT_AS, MEMORY)
    limit(resource.RLIMIT_CPU, SECONDS)
    limit(resource.RLIMIT_FSIZE, 0)
    limit(resource.RLIMIT_CORE, 0)  # no health data in a dump
    if name not in (HEIC, HEIC_PHOTO):  # whose reader needs a thread, and a thread is counted as a process
        limit(resource.RLIMIT_NPROC, 0)
    os.nice(5)
    job = job_of(name)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # what a reader says of a file may quote it
    tell(READY, b"")
    limit(resource.RLIMIT_NOFILE, 0)  # neither files nor sockets from here on
    tell_all(job, sys.stdin.buffer.read())
    os._exit(0)  # nothing is left to tidy up but memory


def limit(what: int, most: int) -> None:
    """macOS knows some of them by name only."""
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(what, (most, most))


def job_of(name: str) -> Job:
    if name == PDF:
        from portal.workshop import pdf

        return pdf.cleaned
    if name == FORM:
        from portal.workshop import form

        return form.cleaned
    if name in (PLAN, FLATTEN):
        from portal.workshop import flat, plan

        return {PLAN: plan.told, FLATTEN: flat.flattened}[name]
    if name in (SEAL, TIMESTAMP, CHECK):
        from portal.workshop import seal

        return {SEAL: seal.sealed, TIMESTAMP: seal.stamped, CHECK: seal.checked}[name]
    if name in (PHOTO, HEIC_PHOTO, JPEG, PNG, HEIC, MARK):
        from portal.workshop import images

        return images.job(name)
    if name not in (TXT, DOCX):
        from portal.workshop import preview

        return preview.sheet(name)
    from portal.workshop import office, text

    return {TXT: text.cleaned, DOCX: office.checked}[name]


def tell_all(job: Job, content: bytes) -> None:
    try:
        for name, part in job(content):
            tell(name, json.dumps(part).encode() if name == FACTS else part)
    except Refusal as refusal:
        tell(REFUSED, refusal.code.encode())
    except MemoryError:
        tell(REFUSED, b"too_much")
    except Exception as error:
        # A damaged file is whatever its reader stumbled over, but for a module that came too late.
        tell(REFUSED, b"broken" if getattr(error, "errno", None) == errno.EMFILE else b"damaged")
    tell(END, b"")


def tell(name: str, part: object) -> None:
    assert isinstance(part, bytes)
    sys.stdout.buffer.write(b"%s %d\n" % (name.encode(), len(part)))
    sys.stdout.buffer.write(part)
    sys.stdout.buffer.flush()


main(sys.argv[1])
