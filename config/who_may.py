"""Who gets what at every address: one line for each address and method, and for each action or export behind one.

docs/permissions.md is drawn from here (`manage.py draw_permissions`), and tests ask every address as everybody.
What no line names is refused: another method of an address gets 405.
"""

from dataclasses import dataclass, field
from enum import Enum

from accounts.permissions import Permission as May
from accounts.roles import ROLES
from inspections.access import ABOUT_CASES


class Of(Enum):
    """What an address belongs to, and with it who is turned away before any permission is looked at."""

    NOBODY = "nobody: open to all"
    PERSON = "whoever is signed in"
    INSTALLATION = "the installation"
    INSPECTION = "an inspection"
    OWN_CASES = "an inspection, where each sees the cases that are theirs to see"
    CASE = "a case"


class Somebody(Enum):
    """Those who have no role."""

    STRANGER = "Stranger"
    SIGNED_OUT = "Signed out"


EVERYBODY = (*ROLES.values(), *Somebody)


@dataclass(frozen=True)
class Row:
    """One line: a method of an address with what it needs.

    `allowed` is the status for those who may, for a POST that of one with nothing in it but `post`. `signed_out` is
    the status for whoever is signed out, where it is not what the rest of the site gives. `words` tell lines of one
    address apart, and `given` are parts of the address. With `fresh` whoever signed in too long ago signs in again first.
    """

    method: str
    name: str
    of: Of
    permission: May | None = None
    words: str = ""
    allowed: int = 200
    signed_out: int = 302
    post: dict = field(default_factory=dict)
    given: dict = field(default_factory=dict)
    fresh: bool = False

    def refused(self, somebody, *, own_case=True):
        """Return the status with which a role, or somebody without one, is refused; None where it is not.

        `own_case` says whether a case is given to them.
        """
        if somebody is Somebody.SIGNED_OUT:
            return None if self.of is Of.NOBODY else self.signed_out
        if self.of in (Of.NOBODY, Of.PERSON):
            return None
        role = None if somebody is Somebody.STRANGER else somebody
        holds = role is not None and (self.permission is None or self.permission in role.permissions)
        if self.of is Of.INSTALLATION:
            return None if holds and role.everywhere else 403
        if role is None or (self.of is Of.CASE and role.own_cases_only and not own_case):
            return 404
        if not holds or (self.of is Of.INSPECTION and role.own_cases_only and self.permission in ABOUT_CASES):
            return 403
        return None

    def status(self, somebody, *, own_case=True):
        """Return the status that somebody gets."""
        if somebody is Somebody.SIGNED_OUT:
            return self.signed_out
        return self.refused(somebody, own_case=own_case) or self.allowed


def get(name, of, permission=None, **more):
    """Return the line of a page, a file or an answer that is asked for."""
    return Row("GET", name, of, permission, **more)


def post(name, of, permission=None, words="", **more):
    """Return the line of something that is done."""
    return Row("POST", name, of, permission, words, **more)


# One plain line each, by room. A page that also takes a POST has a line for each; several actions of one page too.
TABLE = (
    # The site
    get("service_worker", Of.NOBODY, signed_out=200),
    get("offline", Of.NOBODY, signed_out=200),
    # Signing in
    get("account_login", Of.NOBODY, allowed=302, signed_out=200),
    post("account_login", Of.NOBODY, allowed=302, signed_out=200),
    get("account_logout", Of.NOBODY, signed_out=302),
    post("account_logout", Of.NOBODY, allowed=302, signed_out=302),
    get("account_inactive", Of.NOBODY, signed_out=200),
    get("account_reauthenticate", Of.PERSON),
    post("account_reauthenticate", Of.PERSON),
    get("mfa_authenticate", Of.NOBODY, allowed=302, signed_out=302),
    post("mfa_authenticate", Of.NOBODY, allowed=302, signed_out=302),
    get("mfa_login_webauthn", Of.NOBODY, allowed=302, signed_out=302),
    post("mfa_login_webauthn", Of.NOBODY, allowed=302, signed_out=302),
    get("accounts:link", Of.NOBODY, signed_out=200),
    post("accounts:link", Of.NOBODY, words="set a password with a link", signed_out=200),
    get("mfa_reauthenticate", Of.PERSON, allowed=302),
    post("mfa_reauthenticate", Of.PERSON, allowed=302),
    get("mfa_reauthenticate_webauthn", Of.PERSON, allowed=302),
    post("mfa_reauthenticate_webauthn", Of.PERSON, allowed=302),
    post(
        "accounts:openid",
        Of.NOBODY,
        words="sign in with OpenID Connect, where it is set up",
        allowed=404,
        signed_out=404,
    ),
    get("accounts:openid_back", Of.NOBODY, allowed=404, signed_out=404),
    get("accounts:openid_again", Of.PERSON, allowed=302),
    # One's own account
    get("accounts:account", Of.PERSON),
    get("accounts:roles", Of.PERSON),
    get("accounts:sessions", Of.PERSON),
    post("accounts:sessions", Of.PERSON, words="sign out everywhere", allowed=302),
    get("account_change_password", Of.PERSON),
    post("account_change_password", Of.PERSON, words="change the password"),
    get("mfa_index", Of.PERSON),
    get("mfa_activate_totp", Of.PERSON),
    post("mfa_activate_totp", Of.PERSON, words="set up an authenticator app", fresh=True),
    get("mfa_deactivate_totp", Of.PERSON, allowed=404),
    post("mfa_deactivate_totp", Of.PERSON, words="remove the authenticator app", allowed=404, fresh=True),
    get("mfa_list_webauthn", Of.PERSON),
    get("mfa_add_webauthn", Of.PERSON),
    post("mfa_add_webauthn", Of.PERSON, words="add a passkey", fresh=True),
    get("mfa_edit_webauthn", Of.PERSON, allowed=404),
    post("mfa_edit_webauthn", Of.PERSON, words="rename a passkey of one's own", allowed=404, fresh=True),
    get("mfa_remove_webauthn", Of.PERSON, allowed=404),
    post("mfa_remove_webauthn", Of.PERSON, words="remove a passkey of one's own", allowed=404, fresh=True),
    get("mfa_view_recovery_codes", Of.PERSON, allowed=404),
    get("mfa_generate_recovery_codes", Of.PERSON),
    post("mfa_generate_recovery_codes", Of.PERSON, words="make recovery codes", allowed=200, fresh=True),
    get("mfa_download_recovery_codes", Of.PERSON, allowed=404),
    # People
    get("accounts:people", Of.INSTALLATION, May.MANAGE_PEOPLE),
    get("accounts:invite", Of.INSTALLATION, May.MANAGE_PEOPLE),
    post("accounts:invite", Of.INSTALLATION, May.MANAGE_PEOPLE, "invite somebody", allowed=400),
    get("accounts:person", Of.INSTALLATION, May.MANAGE_PEOPLE),
    post(
        "accounts:person",
        Of.INSTALLATION,
        May.MANAGE_PEOPLE,
        "send a link",
        allowed=302,
        post={"do": "link"},
        fresh=True,
    ),
    post(
        "accounts:person",
        Of.INSTALLATION,
        May.MANAGE_PEOPLE,
        "change a role",
        allowed=400,
        post={"do": "role"},
        fresh=True,
    ),
    post(
        "accounts:person",
        Of.INSTALLATION,
        May.MANAGE_PEOPLE,
        "close an account",
        allowed=400,
        post={"do": "close"},
        fresh=True,
    ),
    post(
        "accounts:person",
        Of.INSTALLATION,
        May.MANAGE_PEOPLE,
        "open an account again",
        allowed=302,
        post={"do": "reopen"},
        fresh=True,
    ),
    post(
        "accounts:person",
        Of.INSTALLATION,
        May.MANAGE_PEOPLE,
        "remove second steps",
        allowed=302,
        post={"do": "factors"},
        fresh=True,
    ),
    post(
        "accounts:person",
        Of.INSTALLATION,
        May.MANAGE_PEOPLE,
        "disconnect from OpenID Connect",
        allowed=302,
        post={"do": "disconnect"},
        fresh=True,
    ),
    post(
        "accounts:person",
        Of.INSTALLATION,
        May.MANAGE_PEOPLE,
        "sign out everywhere",
        allowed=302,
        post={"do": "sign_out"},
        fresh=True,
    ),
    # What scripts ask about the person: JSON, for whoever is signed out too
    get("accounts:session", Of.PERSON, signed_out=401),
    post("accounts:session", Of.PERSON, words="make the session longer", signed_out=401),
    post("accounts:device_key", Of.PERSON, words="have the key to what the browser keeps", signed_out=401),
    # Inspections and their ratings
    get("ratings:home", Of.PERSON, allowed=302),
    get("ratings:inspections", Of.PERSON),
    get("ratings:programme", Of.INSTALLATION, May.VIEW_PROGRAMME),
    post("ratings:programme", Of.INSTALLATION, May.VIEW_PROGRAMME, "take the programme out", allowed=400),
    get("ratings:my_exports", Of.PERSON),
    get("ratings:my_export", Of.PERSON, words="of somebody else", allowed=404),
    post("ratings:my_export", Of.PERSON, words="cancel one of somebody else", allowed=404, post={"do": "cancel"}),
    post("ratings:my_export", Of.PERSON, words="make one of somebody else again", allowed=404, post={"do": "retry"}),
    get("ratings:my_export_file", Of.PERSON, words="of somebody else", allowed=404),
    get("ratings:my_export_live", Of.PERSON, words="of somebody else", allowed=404, signed_out=401),
    get("inspections:create", Of.INSTALLATION, May.CREATE_INSPECTIONS),
    post("inspections:create", Of.INSTALLATION, May.CREATE_INSPECTIONS, "create an inspection", allowed=400),
    get("ratings:inspection", Of.INSPECTION, May.VIEW_INSPECTION),
    get("ratings:annex_one", Of.INSPECTION, May.VIEW_INSPECTION),
    get("ratings:annex_one_file", Of.INSPECTION, May.EXPORT, words="as Word document", given={"format": "docx"}),
    get("ratings:annex_one_file", Of.INSPECTION, May.EXPORT, words="as OpenDocument text", given={"format": "odt"}),
    get("ratings:annex_one_file", Of.INSPECTION, May.EXPORT, words="as JSON", given={"format": "json"}),
    get("ratings:annex", Of.INSPECTION, May.VIEW_INSPECTION),
    get("ratings:export", Of.INSPECTION, May.EXPORT, words="as Word document", given={"format": "docx"}),
    get("ratings:export", Of.INSPECTION, May.EXPORT, words="as OpenDocument text", given={"format": "odt"}),
    get("ratings:export", Of.INSPECTION, May.EXPORT, words="as CSV", given={"format": "csv"}),
    get("ratings:export", Of.INSPECTION, May.EXPORT, words="as JSON", given={"format": "json"}),
    get("ratings:export", Of.INSPECTION, May.EXPORT, words="as HTML", given={"format": "html"}),
    get("ratings:export", Of.INSPECTION, May.EXPORT, words="figures, Excel", given={"format": "figures.xlsx"}),
    get("ratings:export", Of.INSPECTION, May.EXPORT, words="figures, OpenDocument", given={"format": "figures.ods"}),
    get("ratings:export", Of.INSPECTION, May.EXPORT, words="as CSV with its mark", given={"format": "bom.csv"}),
    get("ratings:export", Of.INSPECTION, May.EXPORT_CASES, words="with cases, Excel", given={"format": "xlsx"}),
    get("ratings:export", Of.INSPECTION, May.EXPORT_CASES, words="with cases, OpenDocument", given={"format": "ods"}),
    get("ratings:export", Of.INSPECTION, May.EXPORT_CASES, words="cases, as CSV", given={"format": "cases.csv"}),
    get("ratings:live", Of.INSPECTION, May.VIEW_INSPECTION, signed_out=401),
    get("ratings:as_it_was", Of.INSPECTION, May.VIEW_INSPECTION),
    get("ratings:compare", Of.INSPECTION, May.VIEW_INSPECTION),
    get("ratings:results", Of.INSPECTION, May.VIEW_INSPECTION),
    get("ratings:question", Of.INSPECTION, May.VIEW_INSPECTION),
    get("ratings:how_firm", Of.INSPECTION, May.SEE_FIRMNESS),
    post("ratings:how_firm", Of.INSPECTION, May.SEE_FIRMNESS, "open it", allowed=302, post={"domain": "2"}),
    get("ratings:later_changes", Of.INSPECTION, May.VIEW_CASES),
    post("ratings:later_changes", Of.INSPECTION, May.REVIEW_CASES, "agree as the second person", allowed=400),
    get("ratings:provisional", Of.INSPECTION, May.VIEW_INSPECTION),
    post("ratings:provisional", Of.INSPECTION, May.OPEN_PROVISIONAL, "open them", allowed=400),
    get("ratings:provisional_opening", Of.INSPECTION, May.OPEN_PROVISIONAL, words="of somebody else", allowed=404),
    # Plan and team
    get("cases:team", Of.INSPECTION),
    get("inspections:plan", Of.INSPECTION, May.MANAGE_TEAM),
    post("inspections:plan", Of.INSPECTION, May.MANAGE_TEAM, "change the plan", allowed=400),
    get("inspections:add_member", Of.INSPECTION, May.MANAGE_TEAM),
    post("inspections:add_member", Of.INSPECTION, May.MANAGE_TEAM, "add somebody to the team", allowed=400),
    get("inspections:member", Of.INSPECTION, May.MANAGE_TEAM),
    post("inspections:member", Of.INSPECTION, May.MANAGE_TEAM, "give another role", allowed=400, post={"do": "role"}),
    post(
        "inspections:member",
        Of.INSPECTION,
        May.MANAGE_TEAM,
        "note what cases suit them",
        allowed=302,
        post={"do": "skills"},
    ),
    post(
        "inspections:member",
        Of.INSPECTION,
        May.MANAGE_TEAM,
        "record a conflict of interest",
        allowed=400,
        post={"do": "conflict"},
    ),
    post(
        "inspections:member",
        Of.INSPECTION,
        May.MANAGE_TEAM,
        "say that it stands no longer",
        allowed=400,
        post={"do": "take_back"},
    ),
    post(
        "inspections:member", Of.INSPECTION, May.MANAGE_TEAM, "take out of the team", allowed=400, post={"do": "leave"}
    ),
    get("inspections:my_conflicts", Of.PERSON),
    post("inspections:my_conflicts", Of.PERSON, words="declare a conflict of interest", allowed=400),
    # Organisational delivery
    get("inspections:delivery", Of.INSPECTION, May.VIEW_EVIDENCE),
    get("inspections:judged", Of.INSPECTION, May.VIEW_EVIDENCE),
    post("inspections:judged", Of.INSPECTION, May.JUDGE, "rate a standard", allowed=400),
    get("inspections:passage", Of.INSPECTION, May.JUDGE),
    post("inspections:passage", Of.INSPECTION, May.JUDGE, "write about a key question", allowed=302),
    get("inspections:evidence_log", Of.INSPECTION, May.VIEW_EVIDENCE),
    get("inspections:add_evidence", Of.INSPECTION, May.RECORD_EVIDENCE),
    post("inspections:add_evidence", Of.INSPECTION, May.RECORD_EVIDENCE, "record evidence", allowed=400),
    get("inspections:evidence", Of.INSPECTION, May.VIEW_EVIDENCE),
    post("inspections:evidence", Of.INSPECTION, May.RECORD_EVIDENCE, "withdraw evidence", allowed=400),
    get("inspections:change_evidence", Of.INSPECTION, May.RECORD_EVIDENCE),
    post("inspections:change_evidence", Of.INSPECTION, May.RECORD_EVIDENCE, "correct evidence", allowed=400),
    get("inspections:add_finding", Of.INSPECTION, May.RECORD_EVIDENCE),
    post("inspections:add_finding", Of.INSPECTION, May.RECORD_EVIDENCE, "record a finding", allowed=400),
    get("inspections:finding", Of.INSPECTION, May.VIEW_EVIDENCE),
    post("inspections:finding", Of.INSPECTION, May.RECORD_EVIDENCE, "withdraw a finding", allowed=400),
    get("inspections:change_finding", Of.INSPECTION, May.RECORD_EVIDENCE),
    post("inspections:change_finding", Of.INSPECTION, May.RECORD_EVIDENCE, "correct a finding", allowed=400),
    # Lines of enquiry: whoever has cases of their own finds only those that they follow
    get("cases:lines", Of.INSPECTION, May.VIEW_EVIDENCE),
    get("cases:add_line", Of.INSPECTION, May.DIRECT_ENQUIRIES),
    post("cases:add_line", Of.INSPECTION, May.DIRECT_ENQUIRIES, "add a line of enquiry", allowed=400),
    get("cases:line", Of.INSPECTION, May.VIEW_EVIDENCE),
    post(
        "cases:line",
        Of.INSPECTION,
        May.RECORD_EVIDENCE,
        "conclude it",
        allowed=409,
        post={"do": "conclude", "conclude-finding": "So."},
    ),
    post("cases:line", Of.INSPECTION, May.RECORD_EVIDENCE, "write down a meeting", allowed=400, post={"do": "meeting"}),
    post("cases:line", Of.INSPECTION, May.RECORD_EVIDENCE, "add a meeting", allowed=400, post={"do": "link"}),
    get("cases:change_line", Of.INSPECTION, May.DIRECT_ENQUIRIES),
    post("cases:change_line", Of.INSPECTION, May.DIRECT_ENQUIRIES, "change it", allowed=400),
    # Professional discretion
    get("ratings:discretion", Of.INSPECTION, May.VIEW_DISCRETION),
    get("ratings:decide", Of.INSPECTION, May.VIEW_DISCRETION),
    post(
        "ratings:decide", Of.INSPECTION, May.PROPOSE_DISCRETION, "write the reason", allowed=400, post={"do": "write"}
    ),
    post("ratings:decide", Of.INSPECTION, May.PROPOSE_DISCRETION, "propose it", allowed=400, post={"do": "propose"}),
    post(
        "ratings:decide", Of.INSPECTION, May.PROPOSE_DISCRETION, "not exercise it", allowed=400, post={"do": "consider"}
    ),
    post("ratings:decide", Of.INSPECTION, May.PROPOSE_DISCRETION, "withdraw it", allowed=400, post={"do": "withdraw"}),
    post("ratings:decide", Of.INSPECTION, May.RATIFY_DISCRETION, "refuse it", allowed=400, post={"do": "refuse"}),
    post("ratings:ratify", Of.INSPECTION, May.RATIFY_DISCRETION, "ratify it", allowed=400, fresh=True),
    # Stages of an inspection
    get("ratings:stages", Of.INSPECTION, May.VIEW_INSPECTION),
    post("ratings:stages", Of.INSPECTION, May.VIEW_INSPECTION, "take no step", allowed=400),
    post("ratings:stages", Of.INSPECTION, May.LOCK, "begin fieldwork", allowed=400, post={"step": "begin_fieldwork"}),
    post("ratings:stages", Of.INSPECTION, May.LOCK, "begin moderation", allowed=302, post={"step": "begin_moderation"}),
    post(
        "ratings:stages",
        Of.INSPECTION,
        May.LOCK,
        "go back to fieldwork",
        allowed=400,
        post={"step": "back_to_fieldwork"},
    ),
    post(
        "ratings:stages",
        Of.INSPECTION,
        May.PUBLISH,
        "send for factual accuracy",
        allowed=400,
        post={"step": "send_for_accuracy"},
    ),
    get("ratings:agree", Of.INSPECTION, May.LOCK),
    post("ratings:agree", Of.INSPECTION, May.LOCK, "agree and lock the ratings", allowed=400, fresh=True),
    get("ratings:unlock", Of.INSPECTION, May.UNLOCK),
    post(
        "ratings:unlock",
        Of.INSPECTION,
        May.UNLOCK,
        "ask for the ratings to be unlocked",
        allowed=400,
        post={"do": "ask"},
        fresh=True,
    ),
    post("ratings:unlock", Of.INSPECTION, May.UNLOCK, "grant it", allowed=400, post={"do": "grant"}, fresh=True),
    post("ratings:unlock", Of.INSPECTION, May.UNLOCK, "decline it", allowed=400, post={"do": "decline"}, fresh=True),
    get("ratings:publish", Of.INSPECTION, May.PUBLISH),
    post("ratings:publish", Of.INSPECTION, May.PUBLISH, "publish the ratings", allowed=400, fresh=True),
    # What everybody may read
    get("ratings:published_list", Of.NOBODY, signed_out=200),
    get("ratings:published", Of.NOBODY, allowed=404, signed_out=404),
    # The caseload
    get("cases:caseload", Of.INSPECTION, May.PLAN_SAMPLE),
    post("cases:caseload", Of.INSPECTION, May.PLAN_SAMPLE, "send a list of cases", allowed=400),
    get("cases:caseload_check", Of.INSPECTION, May.PLAN_SAMPLE, words="without a list of one's own", allowed=302),
    post("cases:caseload_check", Of.INSPECTION, May.PLAN_SAMPLE, "import one's own list", allowed=400),
    post(
        "cases:caseload_check",
        Of.INSPECTION,
        May.PLAN_SAMPLE,
        "discard one's own list",
        allowed=302,
        post={"do": "discard"},
    ),
    get("cases:candidates", Of.INSPECTION, May.PLAN_SAMPLE),
    get("cases:caseload_template", Of.INSPECTION, May.PLAN_SAMPLE, words="as CSV", given={"kind": "csv"}),
    get("cases:caseload_template", Of.INSPECTION, May.PLAN_SAMPLE, words="as workbook", given={"kind": "xlsx"}),
    # Cases of an inspection
    get("cases:today", Of.OWN_CASES, May.VIEW_CASES),
    get("cases:timetable", Of.OWN_CASES, May.VIEW_CASES),
    get("cases:plan", Of.INSPECTION, May.PLAN_SAMPLE),
    get("cases:adjust", Of.INSPECTION, May.PLAN_SAMPLE),
    post("cases:adjust", Of.INSPECTION, May.PLAN_SAMPLE, "adjust the plan of the sample", allowed=400),
    get("cases:draw", Of.INSPECTION, May.PLAN_SAMPLE),
    post("cases:draw", Of.INSPECTION, May.PLAN_SAMPLE, "draw the sample", allowed=400),
    get("cases:balance", Of.INSPECTION, May.PLAN_SAMPLE),
    get("cases:list", Of.OWN_CASES, May.VIEW_CASES),
    get("cases:allocation", Of.INSPECTION, May.MANAGE_TEAM),
    post("cases:allocation", Of.INSPECTION, May.MANAGE_TEAM, "give cases to people", allowed=302),
    get("cases:exclusions", Of.INSPECTION, May.VIEW_CASES),
    get("cases:bulk", Of.OWN_CASES, May.ANSWER_CASES),
    post("cases:bulk", Of.OWN_CASES, May.ANSWER_CASES, "send a table of answers", allowed=400),
    post("cases:bulk", Of.OWN_CASES, May.ANSWER_CASES, "import a table of answers", allowed=400, post={"do": "import"}),
    get("cases:bulk_template", Of.OWN_CASES, May.ANSWER_CASES, words="as CSV", given={"kind": "csv"}),
    get("cases:bulk_template", Of.OWN_CASES, May.ANSWER_CASES, words="as workbook", given={"kind": "xlsx"}),
    get("cases:reviews", Of.INSPECTION, May.VIEW_CASES),
    post("cases:reviews", Of.INSPECTION, May.DRAW_SAMPLES, "draw cases to dip-sample", allowed=400),
    get("cases:alerts", Of.INSPECTION, May.VIEW_CASES),
    post("cases:alerts", Of.INSPECTION, May.RESOLVE_ALERTS, "settle an alert", allowed=404),
    get("cases:held", Of.INSPECTION, May.DECIDE_HELD),
    post("cases:held", Of.INSPECTION, May.DECIDE_HELD, "accept or reject a held answer", allowed=404),
    # The audit record
    get("cases:audit", Of.INSPECTION, May.VIEW_AUDIT),
    get("cases:audit_export", Of.INSPECTION, May.VIEW_AUDIT, words="as CSV"),
    get("cases:audit_everywhere", Of.INSTALLATION, May.VIEW_AUDIT),
    get("cases:audit_export_everywhere", Of.INSTALLATION, May.VIEW_AUDIT, words="as CSV"),
    # A case
    get("cases:case", Of.CASE, May.VIEW_CASES),
    get("cases:form", Of.CASE, May.VIEW_CASES),
    post("cases:form", Of.CASE, May.ANSWER_CASES, "save a page of answers", allowed=400),
    get("cases:interview", Of.CASE, May.VIEW_CASES),
    post("cases:interview", Of.CASE, May.ANSWER_CASES, "save the interview", allowed=400),
    get("cases:arrangements", Of.CASE, May.ANSWER_CASES),
    post(
        "cases:arrangements",
        Of.CASE,
        May.ANSWER_CASES,
        "arrange the interview",
        allowed=400,
        post={"do": "interview", "day-day": "1"},
    ),
    post(
        "cases:arrangements", Of.CASE, May.ANSWER_CASES, "say that there is no file", allowed=302, post={"do": "file"}
    ),
    get("cases:history", Of.CASE, May.VIEW_CASES),
    get("cases:submit", Of.CASE, May.ANSWER_CASES),
    post("cases:submit", Of.CASE, May.ANSWER_CASES, "submit the case", allowed=400),
    get("cases:review", Of.CASE, May.VIEW_CASES),
    post("cases:review", Of.CASE, May.REVIEW_CASES, "raise a query", allowed=400, post={"do": "raise_query"}),
    post("cases:review", Of.CASE, May.ANSWER_CASES, "reply to a query", allowed=404, post={"do": "reply"}),
    post("cases:review", Of.CASE, May.REVIEW_CASES, "close a query", allowed=404, post={"do": "close_query"}),
    post("cases:review", Of.CASE, May.REVIEW_CASES, "return with a query", allowed=400, post={"do": "return"}),
    post("cases:review", Of.CASE, May.REVIEW_CASES, "agree", allowed=400, post={"do": "agree"}),
    post("cases:review", Of.CASE, May.ANSWER_CASES, "take back", allowed=400, post={"do": "take_back"}),
    get("cases:enquiries", Of.CASE, May.VIEW_CASES),
    post("cases:enquiries", Of.CASE, May.ADD_ENQUIRY, "add a further enquiry", allowed=400, post={"do": "add"}),
    post("cases:enquiries", Of.CASE, May.ANSWER_CASES, "decide on one", allowed=404, post={"do": "decide"}),
    get("cases:exclusion", Of.CASE, May.VIEW_CASES),
    post("cases:exclusion", Of.CASE, May.ANSWER_CASES, "propose to exclude it", allowed=400, post={"do": "propose"}),
    post("cases:exclusion", Of.CASE, May.AGREE_EXCLUSIONS, "exclude it at once", allowed=400, post={"do": "exclude"}),
    post("cases:exclusion", Of.CASE, May.AGREE_EXCLUSIONS, "agree or decline", allowed=400, post={"do": "decide"}),
    post("cases:exclusion", Of.CASE, May.AGREE_EXCLUSIONS, "take a reserve", allowed=400, post={"do": "replace"}),
    post("cases:exclusion", Of.CASE, May.AGREE_EXCLUSIONS, "restore it", allowed=400, post={"do": "restore"}),
    post("cases:save", Of.CASE, May.ANSWER_CASES, "save one answer", allowed=422, signed_out=401),
    post("cases:presence", Of.CASE, May.VIEW_CASES, "say where one is at work", allowed=422, signed_out=401),
    # A person's own answers
    get("cases:my_saves", Of.PERSON),
    get("cases:waiting_answers", Of.PERSON),
    post("cases:waiting_answers", Of.PERSON, words="send a file of waiting answers", allowed=400),
    post("cases:waiting_again", Of.PERSON, words="send held answers again", allowed=400),
)
