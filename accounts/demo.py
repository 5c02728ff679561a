"""The accounts for trying Evenhand out. Never in production."""

from dataclasses import dataclass

PASSWORD = "trying-evenhand-out"  # noqa: S105 - printed on the sign-in page, and refused in production


@dataclass(frozen=True)
class DemoAccount:
    """One account: `role` is a role's code; team roles are given in every example inspection. `discipline` is that of a partner."""

    name: str
    email: str
    role: str
    discipline: str = ""


DEMO_ACCOUNTS = (
    DemoAccount("Ines Inspector", "inspector@example.org", "inspector"),
    DemoAccount("Leah Lead", "lead@example.org", "lead_inspector"),
    DemoAccount("Quin Quality", "quality@example.org", "quality_lead"),
    DemoAccount("Pat Partner", "partner@example.org", "partner_inspector", "health"),
    DemoAccount("Mani Manager", "manager@example.org", "manager"),
    DemoAccount("Ada Administrator", "administrator@example.org", "administrator"),
)
