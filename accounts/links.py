"""Links with which a person sets their password: signed, used once, ended by the next one and by time."""

from smtplib import SMTPException

from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse


class Tokens(PasswordResetTokenGenerator):
    """Makes and checks the signed part of a link. Setting a password, a newer link and closing the account end it."""

    key_salt = "accounts.links"

    def _make_hash_value(self, user, timestamp):
        return f"{super()._make_hash_value(user, timestamp)}{user.link_sent_at}{user.is_active}"


TOKENS = Tokens()


def link_of(person, request):
    """Return the link, as a whole address, that was last noted for a person."""
    path = reverse("accounts:link", args=[person.public_id, TOKENS.make_token(person)])
    return request.build_absolute_uri(path)


def send_link(person, request):
    """Send a person their link by e-mail, and return whether that worked."""
    context = {
        "person": person,
        "by": request.user,
        "link": link_of(person, request),
        "until": person.link_until,
        "is_new": not person.has_usable_password(),
    }
    subject = "Set your password for Evenhand" if context["is_new"] else "Set a new password for Evenhand"
    try:
        send_mail(subject, render_to_string("accounts/emails/link.txt", context), None, [person.email])
    except (OSError, SMTPException):
        return False
    return True
