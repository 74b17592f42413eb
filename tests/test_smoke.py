async def test_the_front_desk_sees_the_clients(cast):
    desk = await cast.browser("front_desk")
    page = await desk.get("/staff/clients")
    assert page.status == 200 and "Jonah Whitfield" in page.words


async def test_nobody_is_sent_to_sign_in(nobody):
    page = await nobody.get("/staff/clients", follow=False)
    assert page.status == 303 and page.headers["location"] == "/sign-in?next=%2Fstaff%2Fclients"
