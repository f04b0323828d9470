"""What newcomers get is the document as it is now, encoded once for all of them, within a bound (P10)."""

from protocol.yjs.update import check_update
from server.features.documents.replica import Replica
from server.features.documents.updates import seed_update
from server.features.documents.wholes import Wholes


def replica_of(text: str) -> Replica:
    made = Replica("codemirror")
    seed = seed_update(1 << 52, "lineage", "codemirror", text)
    made.apply(seed, check_update(seed))
    return made


def shown(whole: bytes) -> str:
    copy = Replica("codemirror")
    copy.apply(whole, check_update(whole))
    return copy.text()


def test_newcomers_share_one_encoding_until_the_document_changes() -> None:
    wholes, replica = Wholes(1_000), replica_of("text")
    first = wholes.of(replica)
    assert wholes.of(replica) is first
    update, _ = replica.rewritten("new text")
    replica.apply(update, check_update(update))
    assert (shown(first), shown(wholes.of(replica))) == ("text", "new text")


def test_a_deletion_changes_what_newcomers_get() -> None:
    wholes, replica = Wholes(1_000), replica_of("text")
    wholes.of(replica)
    update, _ = replica.rewritten("t")
    replica.apply(update, check_update(update))
    assert shown(wholes.of(replica)) == "t"


def test_the_one_wanted_longest_ago_makes_room_for_another() -> None:
    old, kept, new = replica_of("a" * 300), replica_of("b" * 300), replica_of("c" * 300)
    wholes = Wholes(900)
    first = [wholes.of(replica) for replica in (old, kept)]
    wholes.of(kept)
    wholes.of(new)
    assert [wholes.of(kept) is first[1], wholes.of(old) is first[0]] == [True, False]


def test_what_is_larger_than_the_bound_is_encoded_each_time() -> None:
    wholes, replica = Wholes(100), replica_of("a" * 300)
    assert wholes.of(replica) is not wholes.of(replica)


def test_what_nobody_wants_any_more_is_dropped() -> None:
    wholes, replica = Wholes(1_000), replica_of("text")
    first = wholes.of(replica)
    wholes.expire(10, 10)
    assert wholes.of(replica) is first
    wholes.expire(21, 10)
    assert wholes.of(replica) is not first
