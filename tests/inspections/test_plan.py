"""Planning an inspection: its service, its days, its words, and who sees figures."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from audit.models import Event
from inspections.errors import InspectionLocked, StaleEntry, Unfit
from inspections.models import Inspection, InspectionRevision, Lifecycle, Sequence, Service, State
from inspections.team import LONGEST_FIELDWORK, Plan, change_plan, plan_inspection, plan_of
from standards import reader

pytestmark = pytest.mark.django_db

PLAN = Plan(
    name="Anywhere Youth Justice Service",
    short_name="Anywhere",
    starts=date(2027, 3, 1),
    ends=date(2027, 3, 12),
    terms={"service": " YJS ", "child": "child", "children": "", "annex": "Annex"},
)


@pytest.fixture
def document():
    return reader.load("youth-2018")


@pytest.fixture
def planned(document, manager):
    return plan_inspection(plan=PLAN, document=document, by=manager)


def change(inspection, manager, **given):
    inspection = Inspection.objects.get(pk=inspection.pk)
    stands = plan_of(inspection)
    return change_plan(inspection=inspection, plan=replace(stands, **given), base=stands.mark, by=manager)


def refused(act, **given):
    with pytest.raises(Unfit) as refusal:
        act(**given)
    return refusal.value.faults


class TestPlanning:
    def test_makes_a_service_and_its_inspection(self, planned, manager):
        service = planned.service
        assert (service.slug, service.name, service.short_name) == ("anywhere", PLAN.name, "Anywhere")
        assert (planned.slug, planned.lifecycle.state) == ("anywhere-2027", State.PLANNED)
        assert (planned.fieldwork_started, planned.fieldwork_ends) == (PLAN.starts, PLAN.ends)
        assert planned.terms == {"service": "YJS", "child": "child"}, "what is worded as in the standards is not kept"
        assert not planned.figures_open
        assert not planned.memberships.exists()
        assert Event.objects.get(action="inspection.created").who == manager.name

    def test_of_a_known_service_keeps_its_names(self, planned, document, manager):
        later = replace(PLAN, name="Otherwise", short_name="", starts=date(2027, 9, 6), ends=date(2027, 9, 10))
        again = plan_inspection(plan=later, document=document, by=manager, service=planned.service)
        assert (again.service, again.slug) == (planned.service, "anywhere-2027-2")
        assert Service.objects.get().name == PLAN.name

    def test_slugs_are_made_free(self, planned, document, manager):
        other = plan_inspection(plan=replace(PLAN, name="Another one"), document=document, by=manager)
        assert (other.service.slug, other.slug) == ("anywhere-2", "anywhere-2027-2")
        strange = plan_inspection(plan=replace(PLAN, name="!", short_name="!"), document=document, by=manager)
        assert (strange.service.slug, strange.slug) == ("service", "2027")

    def test_the_same_twice_is_refused(self, planned, document, manager):
        faults = refused(plan_inspection, plan=PLAN, document=document, by=manager, service=planned.service)
        assert "is planned already" in faults["starts"]
        faults = refused(plan_inspection, plan=replace(PLAN, name=PLAN.name.upper()), document=document, by=manager)
        assert "There is a service called" in faults["name"]
        assert (Inspection.objects.count(), Service.objects.count()) == (1, 1)

    @pytest.mark.parametrize(
        ("given", "field", "sentence"),
        [
            ({"name": " "}, "name", "Enter the name"),
            ({"name": "A" * 201}, "name", "Shorten"),
            ({"short_name": ""}, "short_name", "Enter a short name"),
            ({"starts": None}, "starts", "Enter the first day"),
            ({"ends": None}, "ends", "Enter the last day"),
            ({"ends": PLAN.starts - timedelta(days=1)}, "ends", "cannot end before"),
            ({"ends": PLAN.starts + LONGEST_FIELDWORK + timedelta(days=1)}, "ends", "more than a year"),
            ({"terms": {"children": "x" * 101}}, "term_children", "Shorten"),
            ({"terms": {"town": "Anywhere"}}, "term_town", "no such term"),
        ],
    )
    def test_what_does_not_fit(self, document, manager, given, field, sentence):
        faults = refused(plan_inspection, plan=replace(PLAN, **given), document=document, by=manager)
        assert [*faults] == [field]
        assert sentence in faults[field]
        assert not Service.objects.exists()


class TestChanging:
    def test_dates_and_names_move_no_rating(self, planned, manager):
        before = Sequence.objects.get().value
        changed = change(planned, manager, name="Anywhere YJS", ends=date(2027, 3, 5))
        assert (changed.service.name, changed.fieldwork_ends) == ("Anywhere YJS", date(2027, 3, 5))
        assert Sequence.objects.get().value == before
        assert Event.objects.latest("pk").summary == (
            "Changed the plan of the inspection: the service is called Anywhere YJS (Anywhere); fieldwork is from "
            "1 March 2027 to 5 March 2027."
        )

    @pytest.mark.parametrize("given", [{"terms": {}}, {"figures_open": True}])
    def test_words_and_figures_are_kept_as_a_revision(self, planned, manager, given):
        before = Sequence.objects.get().value
        Inspection.objects.update(wording={"2.2": "Planning"}, applicability={"2.1.2": "safety"})
        changed = change(planned, manager, **given)
        revision = InspectionRevision.objects.latest("pk")
        assert revision.sequence == Sequence.objects.get().value == before + 1
        for name in ("terms", "figures_open", "wording", "applicability"):
            assert getattr(revision, name) == getattr(changed, name)
        assert revision.wording == {"2.2": "Planning"}
        assert changed.worded("{service}") == ("YJS" if "figures_open" in given else "YOT")

    def test_nothing_changed_is_nothing_done(self, planned, manager):
        events = Event.objects.count()
        change(planned, manager, terms=PLAN.terms)
        assert Event.objects.count() == events
        assert InspectionRevision.objects.count() == 1

    def test_figures_are_not_opened_once_fieldwork_has_begun_but_closed(self, planned, manager):
        Lifecycle.objects.update(state=State.FIELDWORK)
        faults = refused(change, inspection=planned, manager=manager, figures_open=True)
        assert "each opening is recorded" in faults["figures_open"]
        Lifecycle.objects.update(state=State.PLANNED)
        assert change(planned, manager, figures_open=True).figures_open
        Lifecycle.objects.update(state=State.FIELDWORK)
        assert not change(planned, manager, figures_open=False).figures_open

    def test_not_once_the_ratings_are_locked(self, planned, manager):
        Lifecycle.objects.update(state=State.LOCKED)
        with pytest.raises(InspectionLocked):
            change(planned, manager, ends=date(2027, 3, 5))

    def test_a_service_with_locked_ratings_keeps_its_names(self, planned, document, manager):
        later = replace(PLAN, starts=date(2028, 3, 1), ends=date(2028, 3, 3))
        again = plan_inspection(plan=later, document=document, by=manager, service=planned.service)
        Lifecycle.objects.filter(inspection=planned).update(state=State.PUBLISHED)
        faults = refused(change, inspection=again, manager=manager, name="Other")
        assert "keeps its names" in faults["name"]
        change(again, manager, terms={})

    def test_what_does_not_fit(self, planned, manager):
        faults = refused(change, inspection=planned, manager=manager, name="", starts=None)
        assert {*faults} == {"name", "starts"}

    def test_what_somebody_else_changed_is_not_overwritten(self, planned, manager):
        seen = plan_of(planned)
        change(planned, manager, ends=date(2027, 3, 5))
        for base in (seen.mark, -1):
            with pytest.raises(StaleEntry, match="Somebody changed the plan"):
                change_plan(inspection=planned, plan=replace(seen, name="Other"), base=base, by=manager)
        planned.refresh_from_db()
        assert (planned.fieldwork_ends, Service.objects.get().name) == (date(2027, 3, 5), PLAN.name)
