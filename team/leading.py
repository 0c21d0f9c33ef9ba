"""Whether somebody leads every team there is, so that no deal has to be asked whose it is."""

from .models import Team


def leads_all(user):
    """Whether there is no team beside theirs; read once per request (the user object lives that long)."""
    if "_leads_all" not in user.__dict__:
        user._leads_all = not Team.objects.exclude(pk__in=user.team_ids).exists()
    return user._leads_all
