"""Runs in the emulator's own environment (.venv-ministack): the emulator, with the gaps closed that matter here."""

from ministack import app

from localcloud import callback_timeouts, certificates_by_csr, nested_groups

if __name__ == "__main__":
    callback_timeouts.install()
    certificates_by_csr.install()
    nested_groups.install()
    app.main()
