"""Every wait of a test has a time limit, so that the test fails at the line that waits in vain.

Without one, the test hangs until the timeout of pytest, which is meant for unforeseen cases.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
EXEMPT = {
    "faults/": "a program that a person runs for as long as they like",
    "pigeonhole/running.py": "defines the waits that others use",
    "backends.py": "waits until another run of the tests ends, if all databases of Redis are taken",
}
"""Files and folders whose waits need no time limit, each with the reason."""
WAITS = frozenset({"wait", "communicate", "join", "recv", "get", "anext", "run"})
BOUNDS = frozenset({"bounded", "timeout", "wait_for"})

UNBOUNDED = [
    "await came.wait()",
    "await asyncio.wait({task})",
    "process.wait()",
    "await process.communicate()",
    "thread.join()",
    "await socket.recv()",
    "await anext(changes)",
    "await queue.get()",
    "subprocess.run([program], check=True)",
    "await process.stdout.readline()",
    "await asyncio.wait({one, other}, return_when=FIRST_COMPLETED)",
    "while not done:\n    await asyncio.sleep(0.1)",
    "async with asyncio.timeout(1):\n    async def come():\n        await came.wait()",
]
BOUNDED = [
    "await bounded(came.wait())",
    "await asyncio.wait({task}, timeout=10)",
    "process.wait(10)",
    "subprocess.run([program], check=True, timeout=10)",
    "asyncio.run(work())",
    "runner.run()",
    "async with asyncio.timeout(10):\n    await anext(changes)",
    "row = await Function.get()",
    "await asyncio.Event().wait()",
    "while True:\n    await asyncio.sleep(0)",
]


def name_of(call: ast.Call) -> str:
    """Return the name of the function or method that is called."""
    called = call.func
    return called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")


def is_wait(node: ast.AST) -> bool:
    """Return whether code can wait for ever: a call without a timeout, or a polling loop."""
    if isinstance(node, ast.While):
        calls = [part for part in ast.walk(node) if isinstance(part, ast.Call)]
        return any(name_of(call) == "sleep" and ast.unparse(call.args[0]) != "0" for call in calls)
    if isinstance(node, ast.Await) and isinstance(node.value, ast.Call):
        return name_of(node.value) == "readline"
    if not isinstance(node, ast.Call) or name_of(node) not in WAITS:
        return False
    if any(keyword.arg == "timeout" for keyword in node.keywords):
        return False
    called = ast.unparse(node.func)
    if called in {"anext", "asyncio.wait", "subprocess.run"}:
        return True
    if name_of(node) == "run":  # not of a process
        return False
    is_row = name_of(node) == "get" and called[0].isupper()
    hangs_on_purpose = called == "asyncio.Event().wait"  # a stand-in for a call without an answer
    return not node.args and not is_row and not hangs_on_purpose


def unbounded(node: ast.AST) -> Iterator[int]:
    """Yield the line of each wait without a time limit."""
    for child in ast.iter_child_nodes(node):
        if is_bound(child):
            yield from (
                line
                for inner in ast.walk(child)
                if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef)
                for line in unbounded(inner)
            )
        else:
            if is_wait(child):
                yield child.lineno  # type: ignore[attr-defined]
            yield from unbounded(child)


def is_bound(node: ast.AST) -> bool:
    """Return whether code limits the waits inside it."""
    calls: list[ast.expr] = [node] if isinstance(node, ast.Call) else []
    if isinstance(node, ast.With | ast.AsyncWith):
        calls = [item.context_expr for item in node.items]
    return any(isinstance(call, ast.Call) and name_of(call) in BOUNDS for call in calls)


@pytest.mark.parametrize("code", UNBOUNDED)
def test_a_wait_without_a_bound_is_found(code: str) -> None:
    assert len(list(unbounded(ast.parse(code)))) == 1


@pytest.mark.parametrize("code", BOUNDED)
def test_a_wait_with_a_bound_is_accepted(code: str) -> None:
    assert list(unbounded(ast.parse(code))) == []


def test_every_wait_of_a_test_has_a_bound() -> None:
    found = [
        f"{path.relative_to(TESTS)}:{line}"
        for path in sorted(TESTS.rglob("*.py"))
        if not path.relative_to(TESTS).as_posix().startswith((*EXEMPT, "clients/node_modules"))
        for line in unbounded(ast.parse(path.read_text(encoding="utf-8")))
    ]

    assert found == []
