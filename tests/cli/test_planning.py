"""How planning asks an index that has not answered."""

from __future__ import annotations

from typing import Any

from envdoctor.cli.planning import ONE_TRY, UNANSWERED_LIMIT_S, _impatient
from envdoctor.model.plan import Command
from envdoctor.system.port import Output


def test_an_index_that_has_not_answered_is_asked_once_and_not_for_long() -> None:
    asked: list[tuple[Command, dict[str, Any]]] = []

    def run(command: Command, **options: Any) -> Output:
        asked.append((command, options))
        return Output(1, "", "no index")

    assert _impatient(run)(Command(("pip", "install"), (("A", "1"),), secret=("word",))).stderr == "no index"
    ((command, options),) = asked
    assert command == Command(("pip", "install"), (("A", "1"), *ONE_TRY), secret=("word",))
    assert options == {"timeout_s": UNANSWERED_LIMIT_S}
    assert dict(ONE_TRY)["PIP_RETRIES"] == dict(ONE_TRY)["UV_HTTP_RETRIES"] == "0"
