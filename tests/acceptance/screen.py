"""The product in a pseudo-terminal, and what a person would see there."""

import os
import re
import signal
import threading

import ptyprocess
import pyte

from emulators import wait_until
from product import environment


class Screen:
    """`with Screen(pitagora, "--endpoint-url", …) as screen:` starts the dashboard and reads what it draws."""

    def __init__(self, pitagora, *args, columns=160, lines=50, **env):
        self.screen, self.lock = pyte.Screen(columns, lines), threading.Lock()
        self.stream = pyte.ByteStream(self.screen)
        self.raw = bytearray()
        self.process = ptyprocess.PtyProcess.spawn(
            [pitagora.binary, *args], dimensions=(lines, columns), env=environment(pitagora.home, COLORTERM="truecolor", **env)
        )
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        while True:
            try:
                data = os.read(self.process.fd, 65536)
            except OSError:
                return
            if not data:
                return
            with self.lock:
                self.raw += data
                self.stream.feed(data)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.isalive():
            self.process.kill(signal.SIGKILL)
        self.process.wait()
        self.reader.join(2)
        self.process.close(force=True)

    @property
    def lines(self):
        with self.lock:
            return list(self.screen.display)

    @property
    def text(self):
        return "\n".join(line.rstrip() for line in self.lines)

    def press(self, keys):
        self.process.write(keys.encode())

    def wait(self, condition, seconds, what):
        """Waits until `condition(screen)` is true of what is on screen."""
        return wait_until(lambda: condition(self), seconds, lambda: f"{what}; on screen:\n{self.text}")

    def wait_for(self, text, seconds=30):
        return self.wait(lambda s: text in s.text, seconds, f"{text!r} on screen")

    def marbles(self):
        """How many marbles run inside the panes: the header's own dot is not one."""
        return sum(line.count("●") for line in self.lines[1:])

    def box_with(self, name):
        """The box around `name`: (top, left, bottom, right), or None while none is whole on screen."""
        lines = self.lines
        for row, line in enumerate(lines):
            column = line.find(name)
            if column < 0:
                continue
            left = max((line.rfind(c, 0, column) for c in "│┃|"), default=-1)
            right = min((i for i in (line.find(c, column) for c in "│┃|") if i >= 0), default=-1)
            if left < 0 or right < 0:
                continue
            border = "╭╮╰╯┏┓┗┛┌┐└┘╔╗╚╝+"
            top = next((r for r in range(row, max(row - 4, -1), -1) if lines[r][left] in border), None)
            bottom = next((r for r in range(row, min(row + 6, len(lines))) if lines[r][left] in border), None)
            if top is not None and bottom is not None and top < bottom:
                return top, left, bottom, right
        return None

    def box_text(self, name):
        box = self.box_with(name)
        if not box:
            return ""
        top, left, bottom, right = box
        return "\n".join(line[left : right + 1] for line in self.lines[top : bottom + 1])

    def box_colours(self, name):
        """The foreground colours of the box's cells that show anything."""
        box = self.box_with(name)
        if not box:
            return set()
        top, left, bottom, right = box
        with self.lock:
            cells = [self.screen.buffer[row][column] for row in range(top, bottom + 1) for column in range(left, right + 1)]
        return {cell.fg for cell in cells if cell.data.strip()}

    def numbers_in(self, name):
        """The whole numbers inside the box, its name and whatever has a unit (`38s`, `4 %`) left out: a queue's count."""
        inner = "\n".join(self.box_text(name).splitlines()[1:-1]).replace(name, "")
        return [int(n) for n in re.findall(r"(?<![\w.:-])\d+(?![\w.:/]| ?%)", inner)]

    def ended(self, seconds=5):
        """The exit code, once the program has ended (negative: the signal that ended it)."""
        wait_until(lambda: not self.process.isalive(), seconds, lambda: f"the program ends; on screen:\n{self.text}")
        # What it wrote last is read when the terminal says that nobody writes any more.
        self.reader.join(seconds)
        code, signalled = self.process.exitstatus, self.process.signalstatus
        return code if signalled is None else -signalled

    def restored(self):
        """Whether the terminal was given back: the alternate screen left, the cursor shown, the mouse let go."""
        with self.lock:
            raw = bytes(self.raw)

        def last(on, off):
            return raw.rfind(off) > raw.rfind(on) or on not in raw

        return last(b"\x1b[?1049h", b"\x1b[?1049l") and last(b"\x1b[?25l", b"\x1b[?25h") and last(b"\x1b[?1000h", b"\x1b[?1000l")
