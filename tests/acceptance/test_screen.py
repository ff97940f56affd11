"""The dashboard in a pseudo-terminal, on the account where functions really run."""

import pytest

from accounts.orders import Orders
from emulators import wait_until
from screen import Screen


@pytest.fixture
def orders(ministack_account):
    return Orders(ministack_account)


@pytest.fixture
def dashboard(orders, pitagora):
    """The dashboard, with the chain's far end in sight."""
    with Screen(pitagora, "--endpoint-url", orders.account.endpoint, columns=220, lines=60) as screen:
        screen.wait(lambda s: s.box_with("orders-work-dlq") and s.box_with("orders-worker"), 60, "the chain is drawn")
        yield screen


def is_red(colour):
    """Whether a colour reads as red: by name, or clearly more red than green and blue."""
    if colour in ("red", "brightred"):
        return True
    try:
        r, g, b = (int(colour[i : i + 2], 16) for i in (0, 2, 4))
    except ValueError:
        return False
    return r > 150 and r > 1.4 * g and r > 1.4 * b


def test_fired_events_run_as_marbles(orders, dashboard):
    assert dashboard.marbles() == 0, dashboard.text
    orders.fire("one", "two", "three")
    dashboard.wait(lambda s: s.marbles(), 60, "a marble runs")
    wait_until(lambda: orders.stored() == 3, 60, "all three at the far end")


def test_a_silent_account_shows_no_marble(orders, dashboard):
    """Nothing happens for as long as fired events need to be seen, and nothing is shown."""
    most = 0
    try:
        wait_until(lambda: (most := dashboard.marbles()), 25, "a marble")
    except TimeoutError:
        return
    pytest.fail(f"{most} marbles in a silent account:\n{dashboard.text}")


def test_poison_turns_the_node_red_and_the_count_is_right_twice(orders, dashboard):
    assert not any(map(is_red, dashboard.box_colours("orders-worker"))), dashboard.box_text("orders-worker")
    for total in (2, 5):
        orders.fire(*(f"poison-C-{total}-{n}" for n in range(total - orders.depth("work-dlq"))))
        wait_until(lambda: orders.depth("work-dlq") == total, 60, f"boto3 counts {total} dead letters")
        dashboard.wait(lambda s: "✗" in s.box_text("orders-worker"), 60, "function C shows that it fails")
        dashboard.wait(lambda s: any(map(is_red, s.box_colours("orders-worker"))), 10, "function C is red")
        dashboard.wait(lambda s: s.numbers_in("orders-work-dlq") == [total], 60, f"{total} dead letters on screen")
        assert orders.depth("work-dlq") == total
