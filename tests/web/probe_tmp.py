import httpx, traceback
from tests.browser import Browser, app
from tests.factories import *
from portal.access import routes


import logging

logging.getLogger("httpx").setLevel(logging.WARNING)


async def hit(b, method, path, headers=None, **kw):
    r = await b.http.request(method, path, headers=headers or {}, **kw)
    return r


async def test_probe(cast, capsys):
    desk = await cast.browser("front_desk")
    client = await cast.browser("client")
    nobody = Browser()

    def show(what, r):
        print(
            f"{what:60} {r.status_code} {dict((k, v) for k, v in r.headers.items() if k in ('location', 'hx-redirect', 'content-type', 'allow', 'hx-push-url'))}"
        )

    for path in ["/", "/sign-in", "/staff/clients", "/nothing"]:
        for m in ("OPTIONS", "HEAD", "PUT", "TRACE", "DELETE"):
            show(f"{m} {path}", await hit(nobody, m, path))
    for path in [
        "/invitation/%E6%97%A5",
        "/invitation/x%0d%0aSet-Cookie:a=b",
        "/reset/%E6%97%A5",
        "/invitation/%ff%fe",
        "/demo/mailbox/" + "a" * 300,
    ]:
        show(f"GET {path}", await hit(nobody, "GET", path))
        p = await nobody.post(path, follow=False)
        show(f"POST {path}", p.response)
    for path in [
        "/staff/clients/99999999999999999999999999",
        "/staff/clients/-1",
        "/staff/clients/1_0",
        "/staff/clients/" + "9" * 5000,
        "/staff/clients/%D9%A3",
    ]:
        show(f"GET {path[:40]}", await hit(desk, "GET", path))
    for q in ["find=%E6%97%A5", "find=%0d%0aSet-Cookie:a=b", "find=%ff", "find=AAAA", "a=%zz"]:
        show(f"GET clients?{q}", await hit(desk, "GET", "/staff/clients?" + q))
    for n in ["http://[", "/日本", "/\x00x", "//evil", "/\\evil", "/%0d%0aX:1", "https:evil", "/ok?x=1#y"]:
        show(f"GET /sign-in?next={n!r}", await hit(client, "GET", "/sign-in", params={"next": n}))
    for o in ["null", "http://[", "http://portal.test", "http://portal.test.evil", "http://evil"]:
        p = await client.post("/session", headers={"Origin": o}, follow=False)
        show(f"POST /session Origin {o}", p.response)
    show(
        "hx-current-url [", await hit(nobody, "GET", "/", headers={"HX-Request": "true", "HX-Current-URL": "http://["})
    )
    show(
        "cookie ²", await hit(nobody, "GET", "/registration", headers={"Cookie": b"portal-invitation=\xb2.opened.1.x"})
    )
    show(
        "cookie big",
        await hit(
            nobody, "GET", "/registration", headers={"Cookie": "portal-invitation=" + "9" * 5000 + ".opened.1.x"}
        ),
    )
    p = await desk.post("/staff/clients", given_name="a", family_name="b", principal_clinician="²", follow=False)
    show("clinician ²", p.response)
    p = await desk.post("/staff/clients/search", words="㌖" * 200)
    show("search long", p.response)
    p = await desk.post("/staff/clients/search", words="'")
    show("search '", p.response)
    print("Maya" in p.words)
    for ct, body in [
        ("application/json", b'{"a":1}'),
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=x", b"--x\r\nfoo\r\n"),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="email"\r\n\r\nfoo'),
        ("application/x-www-form-urlencoded", b"\xff%zz&=&a=%00%ff"),
        ("text/plain", b"abc"),
        ("", b"abc"),
        ("application/x-www-form-urlencoded; charset=utf-16", b"a=b"),
        ("application/x-msgpack", b"\xc1"),
        ("multipart/form-data; boundary=", b"--\r\n"),
        (
            "multipart/form-data; boundary=x; charset=nonsense",
            b'--x\r\nContent-Disposition: form-data; name="email"\r\n\r\nfoo\r\n--x--\r\n',
        ),
    ]:
        r = await hit(
            nobody,
            "POST",
            "/sign-in",
            headers={"Content-Type": ct, "x-csrf-token": nobody.token, "Origin": "http://portal.test"},
            content=body,
        )
        show(f"{ct} {body[:30]}", r)
    parts = (
        b"".join(b'--x\r\nContent-Disposition: form-data; name="a%d"\r\n\r\nv\r\n' % i for i in range(1001))
        + b"--x--\r\n"
    )
    show(
        "1001 parts",
        await hit(
            nobody,
            "POST",
            "/sign-in",
            headers={"Content-Type": "multipart/form-data; boundary=x", "x-csrf-token": nobody.token},
            content=parts,
        ),
    )
    show(
        "oversize",
        await hit(
            nobody,
            "POST",
            "/sign-in",
            headers={"Content-Type": "application/x-www-form-urlencoded", "x-csrf-token": nobody.token},
            content=b"a=" + b"x" * (1024 * 1024),
        ),
    )
    show("signed-in sees unknown path", r := await hit(client, "GET", "/nothing-here"))
    print("sign out there:", "/sign-out" in r.text)
    show("signed-in sees 404 known path", r := await hit(client, "GET", "/clients/999"))
    print("sign out there:", "/sign-out" in r.text)
