"""Addresses of cases: the sample, the task list, the form, history, submission, reviews and the audit record."""

from django.urls import path

from cases.views.alerts import alerts
from cases.views.allocation import allocation
from cases.views.arrangements import arrangements
from cases.views.audit import audit, audit_everywhere, audit_export, audit_export_everywhere
from cases.views.balance import balance
from cases.views.bulk import bulk, bulk_template
from cases.views.case import task_list
from cases.views.caseload import candidates, caseload, caseload_check, caseload_template
from cases.views.enquiries import add_line, change_line, enquiries, line, lines
from cases.views.exclusion import exclusion
from cases.views.exclusions import exclusions
from cases.views.form import form
from cases.views.held import held
from cases.views.history import history
from cases.views.interview import interview
from cases.views.plan import adjust, draw, plan
from cases.views.presence import presence
from cases.views.reviews import review, reviews
from cases.views.sample import sample
from cases.views.saves import my_saves, save
from cases.views.submit import submit
from cases.views.team import team
from cases.views.timetable import timetable
from cases.views.today import today
from cases.views.waiting import waiting_again, waiting_answers

app_name = "cases"
urlpatterns = [
    path("inspections/<uuid:inspection>/today/", today, name="today"),
    path("inspections/<uuid:inspection>/timetable/", timetable, name="timetable"),
    path("inspections/<uuid:inspection>/caseload/", caseload, name="caseload"),
    path("inspections/<uuid:inspection>/caseload/check/", caseload_check, name="caseload_check"),
    path("inspections/<uuid:inspection>/caseload/candidates/", candidates, name="candidates"),
    path("inspections/<uuid:inspection>/caseload/template.<str:kind>", caseload_template, name="caseload_template"),
    path("inspections/<uuid:inspection>/sample/", plan, name="plan"),
    path("inspections/<uuid:inspection>/sample/adjust/", adjust, name="adjust"),
    path("inspections/<uuid:inspection>/sample/draw/", draw, name="draw"),
    path("inspections/<uuid:inspection>/sample/balance/", balance, name="balance"),
    path("inspections/<uuid:inspection>/cases/", sample, name="list"),
    path("inspections/<uuid:inspection>/cases/allocation/", allocation, name="allocation"),
    path("inspections/<uuid:inspection>/exclusions/", exclusions, name="exclusions"),
    path("inspections/<uuid:inspection>/cases/answers-from-a-file/", bulk, name="bulk"),
    path(
        "inspections/<uuid:inspection>/cases/answers-from-a-file/to-fill-in.<slug:kind>",
        bulk_template,
        name="bulk_template",
    ),
    path("inspections/<uuid:inspection>/reviews/", reviews, name="reviews"),
    path("inspections/<uuid:inspection>/alerts/", alerts, name="alerts"),
    path("inspections/<uuid:inspection>/held/", held, name="held"),
    path("inspections/<uuid:inspection>/lines-of-enquiry/", lines, name="lines"),
    path("inspections/<uuid:inspection>/lines-of-enquiry/add/", add_line, name="add_line"),
    path("inspections/<uuid:inspection>/lines-of-enquiry/<uuid:line>/", line, name="line"),
    path("inspections/<uuid:inspection>/lines-of-enquiry/<uuid:line>/change/", change_line, name="change_line"),
    path("inspections/<uuid:inspection>/team/", team, name="team"),
    path("inspections/<uuid:inspection>/audit/", audit, name="audit"),
    path("inspections/<uuid:inspection>/audit.csv", audit_export, name="audit_export"),
    path("audit/", audit_everywhere, name="audit_everywhere"),
    path("audit.csv", audit_export_everywhere, name="audit_export_everywhere"),
    path("my/saves/", my_saves, name="my_saves"),
    path("my/waiting-answers/", waiting_answers, name="waiting_answers"),
    path("my/waiting-answers/again/", waiting_again, name="waiting_again"),
    path("cases/<uuid:case>/", task_list, name="case"),
    path("cases/<uuid:case>/standards/<str:standard>/", form, name="form"),
    path("cases/<uuid:case>/interview/", interview, name="interview"),
    path("cases/<uuid:case>/interview-and-file/", arrangements, name="arrangements"),
    path("cases/<uuid:case>/saves/", save, name="save"),
    path("cases/<uuid:case>/presence/", presence, name="presence"),
    path("cases/<uuid:case>/history/", history, name="history"),
    path("cases/<uuid:case>/submit/", submit, name="submit"),
    path("cases/<uuid:case>/review/", review, name="review"),
    path("cases/<uuid:case>/enquiries/", enquiries, name="enquiries"),
    path("cases/<uuid:case>/exclusion/", exclusion, name="exclusion"),
]
