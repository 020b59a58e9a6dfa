"""The bounded cache of recently used values."""

from server.transport.kept import Kept


def test_an_owner_evicts_its_own_values_and_no_others() -> None:
    kept: Kept[int] = Kept(8, 1_000, owned=True)
    kept.put("other", 0, 1, "b")

    for number in range(100):
        kept.put(f"mine {number}", number, 1, "a")

    assert kept.get("other") == 0
    assert [kept.get(f"mine {number}") for number in (97, 98, 99)] == [None, 98, 99]


def test_the_total_weight_of_the_values_of_an_owner_is_limited_too() -> None:
    kept: Kept[int] = Kept(100, 80, owned=True)
    kept.put("other", 0, 20, "b")

    for number in range(3):
        kept.put(f"mine {number}", number, 10, "a")

    assert kept.get("other") == 0
    assert [kept.get(f"mine {number}") for number in range(3)] == [None, 1, 2]


def test_all_owners_together_have_at_most_the_allowed_number_of_values() -> None:
    kept: Kept[int] = Kept(4, 1_000, owned=True)

    for number in range(6):
        kept.put(str(number), number, 1, f"owner {number}")

    assert [kept.get(str(number)) for number in range(6)] == [None, None, 2, 3, 4, 5]
