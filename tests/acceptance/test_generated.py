"""Twenty accounts from seeds, one of them so large that no service answers with a single page."""

import pytest

from accounts.generated import BIG, generated
from product import held


@pytest.mark.parametrize("seed", range(1, 20))
def test_generated_account(seed, moto_account, pitagora):
    expected = generated(moto_account, seed)
    held(pitagora.graph(moto_account), expected, moto_account)


def test_large_account(moto_account, pitagora):
    expected = generated(moto_account, 20, BIG)
    a = moto_account
    first_pages = {
        "queues": a.client("sqs").list_queues(MaxResults=1000),
        "topics": a.client("sns").list_topics(),
        "subscriptions": a.client("sns").list_subscriptions(),
        "rules": a.client("events").list_rules(),
    }
    whole = [what for what, page in first_pages.items() if not page.get("NextToken")]
    assert not whole, f"answered in one page, so nothing had to be followed: {whole}"
    held(pitagora.graph(a, timeout=300), expected, a)
