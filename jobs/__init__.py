"""The jobs: arguments, configuration, sessions, warehouses, ledger, terminal. No basketball lives here."""
