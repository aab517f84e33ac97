"""Waiting for something to come about, by asking again and again."""

from __future__ import annotations

import operator
from collections.abc import Callable

from tenacity import RetryCallState, Retrying, retry_if_result, stop_after_delay, wait_fixed


def comes_about(condition: Callable[[], bool], *, seconds: float, pause: float) -> bool:
    """Whether a condition comes to hold within some seconds; it is asked at once, then after each pause.

    What the condition raises is raised.
    """

    def give_up(_: RetryCallState) -> bool:
        return False

    ask = Retrying(
        retry=retry_if_result(operator.not_),
        stop=stop_after_delay(seconds),
        wait=wait_fixed(pause),
        retry_error_callback=give_up,
    )
    return ask(condition)
