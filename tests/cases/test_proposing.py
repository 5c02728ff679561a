"""Who might read which case: by load, skills and conflicts of interest."""

from hypothesis import given
from hypothesis import strategies as st

from cases.proposing import LEAST, Reader, ToRead, propose

COURT, OUT_OF_COURT = 64, 55
KINDS = {"sample=court": "Court cases", "sample=out_of_court": "Out-of-court cases", "harm=high": "Harm: High"}


def cases_of(*kinds, first=1):
    """Return a case for each of these kinds, "c" and "o" by sample and "C" and "O" with high risk of harm."""
    return [
        ToRead(
            f"{number:03}",
            COURT if kind in "cC" else OUT_OF_COURT,
            {
                code: KINDS[code]
                for code in (["sample=court"] if kind in "cC" else ["sample=out_of_court"])
                + (["harm=high"] if kind in "CO" else [])
            },
        )
        for number, kind in enumerate(kinds, start=first)
    ]


def given_to(proposed):
    return {held.case: held.reader for held in proposed.proposals}


READERS = st.lists(
    st.builds(
        Reader,
        key=st.integers(1, 30),
        load=st.integers(0, 400),
        suited_for=st.frozensets(st.sampled_from(sorted(KINDS))),
        conflicted=st.booleans(),
    ),
    unique_by=lambda reader: reader.key,
    max_size=6,
)
CASES = st.lists(st.sampled_from("cCoO"), max_size=30).map(lambda kinds: cases_of(*kinds))


class TestAProposal:
    def test_the_longest_first_each_to_whoever_has_least_left(self):
        proposed = propose(cases_of("o", "c", "c", "o"), [Reader(1), Reader(2, load=10)])
        assert given_to(proposed) == {"002": 1, "003": 2, "001": 1, "004": 2}
        assert proposed.loads == {1: 119, 2: 129}
        assert {held.why for held in proposed.proposals} == {LEAST}

    def test_what_is_still_to_be_read_counts(self):
        proposed = propose(cases_of("c", "c"), [Reader(1, load=3 * COURT), Reader(2)])
        assert set(given_to(proposed).values()) == {2}

    def test_whoever_is_suited_comes_first_up_to_an_even_share(self):
        readers = [Reader(1), Reader(2, suited_for=frozenset({"harm=high", "sample=court"}))]
        proposals = propose(cases_of("C", "C", "c", "o", "o", "o"), readers).proposals
        assert [(held.case, held.reader, held.why) for held in proposals] == [
            ("001", 2, "Suited for “Court cases” and “Harm: High”"),
            ("002", 2, "Suited for “Court cases” and “Harm: High”"),
            ("003", 1, LEAST),
            ("004", 1, LEAST),
            ("005", 1, LEAST),
            ("006", 2, LEAST),
        ]

    def test_of_few_cases_too_whoever_is_suited_comes_first_while_less_than_one_case_ahead(self):
        suited = frozenset({"sample=court"})
        for load, reader in ((COURT - 1, 2), (COURT, 1)):
            readers = [Reader(1), Reader(2, load=load, suited_for=suited), Reader(3)]
            assert given_to(propose(cases_of("c"), readers)) == {"001": reader}

    def test_whoever_has_more_to_read_than_an_even_share_gets_nothing(self):
        readers = [Reader(1, load=900, suited_for=frozenset({"sample=court"})), Reader(2), Reader(3)]
        assert propose(cases_of("c", "c"), readers).loads == {1: 900, 2: COURT, 3: COURT}

    def test_a_kind_that_may_not_be_named(self):
        case = ToRead("1", COURT, {"harm=high": ""})
        (proposed,) = propose([case], [Reader(1, suited_for=frozenset({"harm=high"}))]).proposals
        assert proposed.why == "Suited for this kind of case"

    def test_equal_cases_in_the_order_of_their_references(self):
        cases = [ToRead("x", COURT, {}, order="C-2"), ToRead("y", COURT, {}, order="C-1")]
        assert [held.case for held in propose(cases, [Reader(1)]).proposals] == ["y", "x"]

    def test_nobody_can_take_them(self):
        for readers in ([], [Reader(1, conflicted=True)]):
            proposed = propose(cases_of("c", "o"), readers)
            assert (proposed.proposals, proposed.nobodys, proposed.loads) == ((), ("001", "002"), {})

    @given(CASES, READERS)
    def test_no_conflicted_person_ever_gets_a_case_and_every_case_is_accounted_for(self, cases, readers):
        proposed = propose(cases, readers)
        conflicted = {reader.key for reader in readers if reader.conflicted}
        assert not conflicted & set(given_to(proposed).values())
        assert sorted([*given_to(proposed), *proposed.nobodys]) == sorted(case.key for case in cases)
        assert not proposed.nobodys or conflicted == {reader.key for reader in readers}

    @given(CASES, st.integers(1, 8))
    def test_loads_differ_by_one_case_at_most_where_nobody_is_conflicted_or_suited(self, cases, people):
        loads = propose(cases, [Reader(key) for key in range(people)]).loads.values()
        assert max(loads) - min(loads) <= max((case.questions for case in cases), default=0)

    @given(CASES, READERS)
    def test_nobody_who_gets_a_case_ends_two_cases_ahead(self, cases, readers):
        proposed = propose(cases, readers)
        for key in given_to(proposed).values():
            assert proposed.loads[key] - min(proposed.loads.values()) < 2 * max(case.questions for case in cases)

    @given(CASES, READERS)
    def test_whoever_is_suited_has_the_case_or_is_one_case_ahead(self, cases, readers):
        proposed = propose(cases, readers)
        by_key, least = {reader.key: reader for reader in readers}, min(proposed.loads.values(), default=0)
        for held in proposed.proposals:
            case = next(case for case in cases if case.key == held.case)
            suited = {key for key in proposed.loads if by_key[key].suited_for & case.kinds.keys()}
            assert (held.reader in suited) == (held.why != LEAST)
            assert held.reader in suited or all(proposed.loads[key] + case.questions > least for key in suited)

    @given(CASES, READERS, st.randoms(use_true_random=False))
    def test_the_same_in_any_order(self, cases, readers, chance):
        proposed = propose(cases, readers)
        chance.shuffle(cases)
        chance.shuffle(readers)
        assert propose(cases, readers) == proposed
