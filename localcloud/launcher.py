"""Runs in the emulator's own environment (.venv-ministack): the emulator, with the one gap closed that matters here."""

from ministack import app

from localcloud import callback_timeouts

if __name__ == "__main__":
    callback_timeouts.install()
    app.main()
