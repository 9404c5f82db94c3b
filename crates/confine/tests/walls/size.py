"""Says the size of the terminal whenever it changes. It starts no process, so that every suspension reaches all of the job."""

import os
import signal

signal.signal(signal.SIGINT, signal.SIG_DFL)
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGWINCH})
print("up" + "start", flush=True)
while True:
    signal.sigwait({signal.SIGWINCH})
    size = os.get_terminal_size()
    print(size.lines, size.columns, flush=True)
