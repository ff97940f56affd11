"""The dashboard in a pseudo-terminal, on the account where functions really run."""

import time

import pytest

from accounts.orders import Orders
from emulators import wait_until
from screen import Screen


@pytest.fixture
def orders(ministack_account):
    return Orders(ministack_account)


def opened(orders, pitagora):
    """The dashboard, as wide as the chain."""
    screen = Screen(pitagora, "--endpoint-url", orders.account.endpoint, columns=260, lines=60)
    screen.wait(lambda s: "orders-work-dlq" in s.text and "orders-worker" in s.text, 60, "the chain is drawn")
    # Boxes with a border, whatever the program chose.
    screen.press("Z")
    screen.wait(lambda s: s.box_with("orders-work-dlq") and s.box_with("orders-worker"), 60, "the chain is drawn in boxes")
    return screen


def at_rest(orders):
    """Whether the chain's last function has run, and nothing was written to its log for some seconds."""
    logs = orders.account.client("logs")
    try:
        events = logs.filter_log_events(logGroupName="/aws/lambda/orders-stream")["events"]
    except logs.exceptions.ResourceNotFoundException:
        return False
    ended = any("END RequestId" in event["message"] for event in events)
    return ended and time.time() * 1000 - max(event["timestamp"] for event in events) > 5000


def is_red(colour):
    """Whether a colour reads as red: by name, or clearly more red than green and blue."""
    if colour in ("red", "brightred"):
        return True
    try:
        r, g, b = (int(colour[i : i + 2], 16) for i in (0, 2, 4))
    except ValueError:
        return False
    return r > 150 and r > 1.4 * g and r > 1.4 * b


def test_fired_events_run_as_marbles(orders, pitagora):
    with opened(orders, pitagora) as dashboard:
        assert dashboard.marbles() == 0, dashboard.text
        orders.fire("one", "two", "three")
        dashboard.wait(lambda s: s.marbles(), 60, "a marble runs")
        wait_until(lambda: orders.stored() == 3, 60, "all three at the far end")
        # What the table's stream starts still writes its log when all are stored: it would show in the next account.
        wait_until(lambda: at_rest(orders), 60, "the last function has run")


def test_a_silent_account_shows_no_marble(orders, pitagora):
    """For as long as fired events need to be seen: what waits in a queue since before is no traffic."""
    waiting = orders.account.queue_url(orders.queues["bulk"])
    for n in range(3):
        orders.account.client("sqs").send_message(QueueUrl=waiting, MessageBody=f"waiting {n}")
    with opened(orders, pitagora) as dashboard:
        dashboard.wait(lambda s: 3 in s.numbers_in("orders-bulk"), 60, "the queue's depth was read")
        try:
            wait_until(dashboard.marbles, 25, "a marble")
        except TimeoutError:
            return
        pytest.fail(f"a marble in a silent account:\n{dashboard.text}")


def test_poison_turns_the_node_red_and_the_count_is_right_twice(orders, pitagora):
    with opened(orders, pitagora) as dashboard:
        assert not any(map(is_red, dashboard.box_colours("orders-worker"))), dashboard.box_text("orders-worker")
        for total in (2, 5):
            orders.fire(*(f"poison-C-{total}-{n}" for n in range(total - orders.depth("work-dlq"))))
            wait_until(lambda: orders.depth("work-dlq") == total, 60, f"boto3 counts {total} dead letters")
            dashboard.wait(lambda s: "✗" in s.box_text("orders-worker"), 60, "function C shows that it fails")
            dashboard.wait(lambda s: any(map(is_red, s.box_colours("orders-worker"))), 10, "function C is red")
            dashboard.wait(lambda s: s.numbers_in("orders-work-dlq") == [total], 60, f"{total} dead letters on screen")
            assert orders.depth("work-dlq") == total
