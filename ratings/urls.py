"""Addresses of ratings: the list of inspections, the ratings page, Annex 1 and 2, results, exports, discretion, stages, and what is public."""

from django.urls import path

from ratings.views.annex import annex, export
from ratings.views.annex_one import annex_one, annex_one_file
from ratings.views.discretion import decide, discretion, ratify
from ratings.views.exports import my_export, my_export_file, my_export_live, my_exports
from ratings.views.firmness import how_firm, later_changes
from ratings.views.inspections import home, inspection, inspections
from ratings.views.live import live
from ratings.views.past import as_it_was, compare
from ratings.views.programme import programme
from ratings.views.provisional import provisional, provisional_opening
from ratings.views.published import published, published_list
from ratings.views.question import question
from ratings.views.results import results
from ratings.views.stages import agree, publish, stages, unlock

app_name = "ratings"
urlpatterns = [
    path("", home, name="home"),
    path("programme/", programme, name="programme"),
    path("exports/", my_exports, name="my_exports"),
    path("exports/<uuid:export>/", my_export, name="my_export"),
    path("exports/<uuid:export>/file/", my_export_file, name="my_export_file"),
    path("exports/<uuid:export>/live/", my_export_live, name="my_export_live"),
    path("inspections/", inspections, name="inspections"),
    path("inspections/<uuid:inspection>/", inspection, name="inspection"),
    path("inspections/<uuid:inspection>/annex-1/", annex_one, name="annex_one"),
    path("inspections/<uuid:inspection>/annex-1/<str:format>", annex_one_file, name="annex_one_file"),
    path("inspections/<uuid:inspection>/annex-2/", annex, name="annex"),
    path("inspections/<uuid:inspection>/annex-2/<str:format>", export, name="export"),
    path("inspections/<uuid:inspection>/live/", live, name="live"),
    path("inspections/<uuid:inspection>/as-it-was/", as_it_was, name="as_it_was"),
    path("inspections/<uuid:inspection>/as-it-was/compare/", compare, name="compare"),
    path("inspections/<uuid:inspection>/stages/", stages, name="stages"),
    path("inspections/<uuid:inspection>/stages/agree/", agree, name="agree"),
    path("inspections/<uuid:inspection>/stages/unlock/", unlock, name="unlock"),
    path("inspections/<uuid:inspection>/stages/publish/", publish, name="publish"),
    path("inspections/<uuid:inspection>/discretion/", discretion, name="discretion"),
    path("inspections/<uuid:inspection>/discretion/<str:standard>/", decide, name="decide"),
    path("inspections/<uuid:inspection>/discretion/<str:standard>/ratify/", ratify, name="ratify"),
    path("published/", published_list, name="published_list"),
    path("published/<uuid:public_id>/", published, name="published"),
    path("inspections/<uuid:inspection>/results/", results, name="results"),
    path("inspections/<uuid:inspection>/results/how-firm/", how_firm, name="how_firm"),
    path("inspections/<uuid:inspection>/results/how-firm/changes/", later_changes, name="later_changes"),
    path("inspections/<uuid:inspection>/results/provisional/", provisional, name="provisional"),
    path(
        "inspections/<uuid:inspection>/results/provisional/<uuid:opening>/",
        provisional_opening,
        name="provisional_opening",
    ),
    path("inspections/<uuid:inspection>/results/<str:question>/", question, name="question"),
]
