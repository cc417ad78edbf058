"""The classification service: answers with the models that aliases and labels point at, whatever else is down.

    models database ─┐  look, fetch            prepare, switch   ┌─ worker 1 ─┐
       or registry  ─┴─► follower ──────────────────────────────►┤            ├─► HTTP, one port
    queue ──► listener ──┘ wakes it   └─► saved documents        └─ worker N ─┘

One process follows (`serve.py`), others answer (`worker.py`). A document is fetched once, every worker reads and audits
it, and only if all have accepted it do all switch to it. It imports neither Airflow nor what writes into stores.
"""
