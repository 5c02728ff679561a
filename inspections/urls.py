"""Addresses of an inspection's plan and team, and of its organisational delivery: evidence, findings, texts, judgements."""

from django.urls import path

from inspections.views.delivery import delivery, judged, passage
from inspections.views.evidence import add_evidence, change_evidence, evidence, evidence_log
from inspections.views.findings import add_finding, change_finding, finding
from inspections.views.plan import create, plan
from inspections.views.team import add_member, member, my_conflicts

app_name = "inspections"
DELIVERY = "inspections/<uuid:inspection>/organisational-delivery/"
TEAM = "inspections/<uuid:inspection>/team/"
urlpatterns = [
    path("inspections/create/", create, name="create"),
    path("inspections/<uuid:inspection>/plan/", plan, name="plan"),
    path(f"{TEAM}add/", add_member, name="add_member"),
    path(f"{TEAM}<uuid:person>/", member, name="member"),
    path("my/conflicts-of-interest/", my_conflicts, name="my_conflicts"),
    path(DELIVERY, delivery, name="delivery"),
    path(f"{DELIVERY}standards/<str:judged>/", judged, name="judged"),
    path(f"{DELIVERY}texts/<str:subject>/", passage, name="passage"),
    path(f"{DELIVERY}evidence/", evidence_log, name="evidence_log"),
    path(f"{DELIVERY}evidence/add/", add_evidence, name="add_evidence"),
    path(f"{DELIVERY}evidence/<uuid:evidence>/", evidence, name="evidence"),
    path(f"{DELIVERY}evidence/<uuid:evidence>/change/", change_evidence, name="change_evidence"),
    path(f"{DELIVERY}findings/add/", add_finding, name="add_finding"),
    path(f"{DELIVERY}findings/<uuid:finding>/", finding, name="finding"),
    path(f"{DELIVERY}findings/<uuid:finding>/change/", change_finding, name="change_finding"),
]
