"""The debrief of a long room is read page by page, and costs no more than one of a short."""

from arena.web.views.debrief import LINES_PER_PAGE
from tests.arena.web.views.test_host_news import append_messages, cost, shown_lines
from tests.kit.factories import MadeRoom, make_rooms
from tests.kit.pages import decide, make_ready, seated


def played(made: MadeRoom, *, n_messages: int) -> None:
    seated(made.witness)
    make_ready(made)
    append_messages(made, n_messages)
    decide(made, "A")


def test_a_debrief_costs_the_same_for_a_page_of_messages_and_for_many() -> None:
    short, long = make_rooms(2)
    costs = []
    for made, n_messages in ((short, LINES_PER_PAGE), (long, 5 * LINES_PER_PAGE)):
        browser = seated(made.interrogator)
        played(made, n_messages=n_messages)
        costs.append(cost(browser, f"/room/{made.code}/debrief/"))
    (n_short, bytes_short), (n_long, bytes_long) = costs
    assert n_long == n_short and bytes_long < bytes_short + 1000  # the links


def test_a_debrief_shows_the_whole_room_from_its_beginning() -> None:
    [made] = make_rooms(1)
    browser = seated(made.interrogator)
    played(made, n_messages=LINES_PER_PAGE + 3)
    read = []
    for page in (1, 2):
        html = browser.get(f"/room/{made.code}/debrief/?page={page}").content.decode()
        assert ("Later messages" in html, "Earlier messages" in html) == (page == 1, page == 2)
        read += shown_lines(html)
    assert read == [f"Message {n:06}." for n in range(LINES_PER_PAGE + 3)]
