"""The face of an explorer: a widget for Voilà and for JupyterLab."""

import asyncio
from pathlib import Path

import anywidget
import traitlets

from helpers.explorer.session import Explorer

HERE = Path(__file__).parent
PAUSE = 0.2  # seconds between two steps of warming up


class Face(anywidget.AnyWidget):
    """Sends what is asked for to the explorer, and what follows from it to the browser."""

    _esm = HERE / "explorer.js"
    _css = HERE / "explorer.css"
    asked = traitlets.Dict().tag(sync=True)
    answer = traitlets.Dict().tag(sync=True)
    form = traitlets.Dict().tag(sync=True)

    def __init__(self, explorer: Explorer):
        begin = explorer.begin
        super().__init__(asked=begin | {"serial": 0}, form=explorer.form(begin["lang"]),
                         answer=explorer.first_answer() | {"serial": 0})
        self.explorer = explorer
        self._warm = False
        self.observe(self._asked, "asked")
        self.on_msg(self._message)

    def _warm_up(self) -> None:
        """Make the other pages, one at a time, so that a change does not wait for long.

        Not before a browser shows the first one: a page that opens asks the kernel for its widgets,
        and gives up when that is busy.
        """
        steps = [] if self._warm else self.explorer.warming()
        self._warm = True
        for number, step in enumerate(steps, start=1):
            asyncio.get_running_loop().call_later(PAUSE * number, step)

    @property
    def _setting(self) -> dict[str, object]:
        """What is shown; the last question does not have what a file changed."""
        return self.asked | {"changed": self.answer["changed"]}

    def _asked(self, change) -> None:
        asked = change["new"]
        answer = self.explorer.answer(asked)
        with self.hold_sync():
            if answer["lang"] != self.form["lang"]:
                self.form = self.explorer.form(answer["lang"])
            self.answer = answer | {"serial": asked.get("serial", 0)}

    def _message(self, widget, content, buffers) -> None:
        if content.get("kind") == "shown":
            self._warm_up()
        elif content.get("kind") == "open":
            changed, problems = self.explorer.opened(str(content["name"]), str(content["text"]),
                                                     self.answer["lang"])
            # A file that is refused leaves the setting as it is.
            asked = self._setting if changed is None else self.asked | {"changed": changed}
            answer = self.explorer.answer(asked)
            answer["problems"] = problems + answer["problems"]
            self.answer = answer | {"serial": asked.get("serial", 0),
                                    "adopt": content.get("number", 0)}
        elif content.get("kind") == "file":
            name, kind, body = self.explorer.file(str(content["what"]), self._setting)
            self.send({"kind": "file", "name": name, "type": kind}, [body])
