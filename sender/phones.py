"""What the worker says of the phones of a partition, and what of it Redis has still to be told."""

from dataclasses import dataclass, field

from rules.consent import outweighs
from schemas.deliveries import Delivery
from schemas.phone_states import EndedState, StartAsked, StopState
from schemas.settings import SettingCopy


@dataclass
class Phones:
    """Maxima of opt-outs and ends of consent, STARTs to confirm, pauses."""

    stops: dict[str, StopState] = field(default_factory=dict)
    ended: dict[tuple[str, str], EndedState] = field(default_factory=dict)
    starts: dict[str, StartAsked] = field(default_factory=dict)
    paused: dict[str, SettingCopy] = field(default_factory=dict)
    untold: list[StopState | EndedState | SettingCopy] = field(default_factory=list)
    told: bool = False
    """All that was there at the assignment has reached Redis."""

    def hear(self, state: StopState | StartAsked | EndedState) -> None:
        """Keep the latest of what the worker says of a phone."""
        match state:
            case StopState():
                self.stops[state.phone_ref] = state
                asked = self.starts.get(state.phone_ref)
                if asked and state.start_at is not None and state.start_at >= asked.received_at:
                    del self.starts[state.phone_ref]
                self.untold.append(state)
            case StartAsked():
                self.starts[state.phone_ref] = state
            case EndedState():
                self.ended[state.phone_ref, f"{state.workspace_id}|{state.person_id}"] = state
                self.untold.append(state)

    def hear_setting(self, copy: SettingCopy) -> None:
        """Keep the latest word about a pause."""
        known = self.paused.get(copy.workspace_id)
        if copy.name == "paused" and (known is None or copy.revision > known.revision):
            self.paused[copy.workspace_id] = copy
            self.untold.append(copy)

    def all(self) -> list[StopState | EndedState | SettingCopy]:
        """Everything that a Redis that forgot must be told."""
        return [*self.stops.values(), *self.ended.values(), *self.paused.values()]

    def is_held(self, delivery: Delivery) -> bool:
        """Whether the phone's unclear reply is still to be answered. Replies never wait for that."""
        stops = self.stops.get(delivery.text.phone_ref)
        return delivery.reply_token is None and stops is not None and outweighs(stops.hold_at, stops.start_at)
