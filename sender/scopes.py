"""Switches that were turned off: which deliveries, judged before that, go no more."""

from schemas.deliveries import Delivery, ScopeWithdrawal


class Scopes:
    """The latest word on each workspace and study of one partition."""

    def __init__(self) -> None:
        self._of: dict[tuple[str, str | None], ScopeWithdrawal] = {}

    def take(self, scope: ScopeWithdrawal) -> bool:
        """A switch was turned off; False if that, or a later word, was known."""
        key = scope.workspace_id, scope.study_id
        known = self._of.get(key)
        if known is not None and scope.settings_revision <= known.settings_revision:
            return False
        self._of[key] = scope
        return True

    def over(self, delivery: Delivery) -> ScopeWithdrawal | None:
        """The switch that was turned off after this delivery was judged, if one was."""
        workspace = delivery.text.workspace_id or ""
        judged = (
            (self._of.get((workspace, None)), delivery.workspace_revision),
            (self._of.get((workspace, delivery.text.study_id)), delivery.study_revision),
        )
        return next((s for s, revision in judged if s and s.settings_revision > revision), None)
