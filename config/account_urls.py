"""The pages of allauth that are in use; the rest of them are not reachable."""

from allauth.account import views
from allauth.mfa.base import views as steps
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as apps
from allauth.mfa.webauthn import views as passkeys
from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.views.decorators.http import require_safe

from accounts.fresh import fresh_page

urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("login/step/", login_not_required(steps.authenticate), name="mfa_authenticate"),
    path("login/passkey/", login_not_required(passkeys.login_webauthn), name="mfa_login_webauthn"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", login_not_required(views.account_inactive), name="account_inactive"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("reauthenticate/code/", steps.reauthenticate, name="mfa_reauthenticate"),
    path("reauthenticate/passkey/", passkeys.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("password/", views.password_change, name="account_change_password"),
    path("steps/", steps.index, name="mfa_index"),
    path("steps/app/", fresh_page(apps.activate_totp), name="mfa_activate_totp"),
    path("steps/app/remove/", fresh_page(apps.deactivate_totp), name="mfa_deactivate_totp"),
    path("steps/passkeys/", fresh_page(passkeys.list_webauthn), name="mfa_list_webauthn"),
    path("steps/passkeys/add/", fresh_page(passkeys.add_webauthn), name="mfa_add_webauthn"),
    path("steps/passkeys/<int:pk>/name/", fresh_page(passkeys.edit_webauthn), name="mfa_edit_webauthn"),
    path("steps/passkeys/<int:pk>/remove/", fresh_page(passkeys.remove_webauthn), name="mfa_remove_webauthn"),
    path("steps/codes/", fresh_page(codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path("steps/codes/new/", fresh_page(codes.generate_recovery_codes), name="mfa_generate_recovery_codes"),
    path(
        "steps/codes/file/", fresh_page(require_safe(codes.download_recovery_codes)), name="mfa_download_recovery_codes"
    ),
]
