"""``python -m pigeonhole`` is the command ``pigeonhole``."""

from pigeonhole.deployment.cli import app

if __name__ == "__main__":
    app(prog_name="pigeonhole")
