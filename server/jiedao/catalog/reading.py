# SPDX-License-Identifier: Apache-2.0
"""Reading pack files: YAML in, a checked Pack out, or the file, line and what was expected."""

import re
from pathlib import Path

import msgspec
import yaml

from jiedao.catalog.errors import BadPack
from jiedao.catalog.rules import EARLY_PROGRESS, EARLY_TASKS, SAME, Flow, Item, Pack, Phrase, Plan

_PATH = re.compile(r"at `(.+)`")


def read_pack(path: Path) -> Pack:
    """Read and check one pack file.

    Raises:
        BadPack: not YAML, not the shape of a pack, or names that lead nowhere.
    """
    return parse_pack(path.read_text("utf-8"), path.name)


def parse_pack(text: str, file: str) -> Pack:
    """Like read_pack, from text; ``file`` is only the name that errors carry."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        problem = getattr(error, "problem", None) or "not YAML"
        raise BadPack(file=file, line=line, expected=f"YAML ({problem})") from error
    try:
        pack = msgspec.convert(data, Pack)
    except msgspec.ValidationError as error:
        where, message = _locate(data, error)
        raise BadPack(file=file, line=_line_of(root, where), expected=message) from error
    for where, why in _loose_ends(pack):
        raise BadPack(file=file, line=_line_of(root, where), expected=why)
    return pack


def line_of(text: str, path: str) -> int:
    """The line of a path such as $.version in the text of a pack file."""
    return _line_of(yaml.compose(text, Loader=yaml.SafeLoader), path)


def differences(one: Pack, other: Pack) -> list[str]:
    """The paths at which two packs say something else, such as items.fence.severity."""
    return _differ(msgspec.to_builtins(one), msgspec.to_builtins(other), "")


def _differ(one: object, other: object, path: str) -> list[str]:
    if one == other:
        return []
    if isinstance(one, dict) and isinstance(other, dict):
        names = sorted({*one, *other})
        return [p for n in names for p in _differ(one.get(n), other.get(n), f"{path}.{n}")]
    return [path.removeprefix(".")]


def _locate(data: object, error: msgspec.ValidationError) -> tuple[str, str]:
    """The path of a shape error. msgspec does not name mapping keys, so entries are tried apart."""
    sections = {"flows": Flow, "items": Item, "plans": Plan, "phrases": Phrase}
    for section, kind in sections.items():
        entries = data.get(section) if isinstance(data, dict) else None
        for code, entry in entries.items() if isinstance(entries, dict) else ():
            try:
                msgspec.convert(entry, kind)
            except msgspec.ValidationError as inner:
                found = _PATH.search(str(inner))
                rest = found.group(1).removeprefix("$") if found else ""
                return f"$.{section}.{code}{rest}", str(inner)
    found = _PATH.search(str(error))
    return (found.group(1) if found else "$"), str(error)


def _loose_ends(pack: Pack) -> list[tuple[str, str]]:
    """Names used in a pack that nothing in it (or in a flow of another) defines."""
    ends: list[tuple[str, str]] = []
    for code, flow in pack.flows.items():
        ends += [(f"$.flows.{code}.{where}", why) for where, why in _loose_in_flow(flow)]
    for code, item in pack.items.items():
        if item.plan is not None and item.plan not in pack.plans:
            ends.append((f"$.items.{code}.plan", f"a plan of this pack: {sorted(pack.plans)}"))
    for code, plan in pack.plans.items():
        steps = [step.step for step in plan.steps]
        for number, step in enumerate(plan.steps):
            where = f"$.plans.{code}.steps[{number}]"
            if steps.count(step.step) > 1:
                ends.append((where, f"each step once, {step.step} is there twice"))
            if step.follows is not None and step.follows not in steps[:number]:
                ends.append((where, f"follows an earlier step: {steps[:number]}"))
            if step.do == "announce" and step.phrase not in pack.phrases:
                ends.append((where, f"phrase, one of {sorted(pack.phrases)}"))
    return ends


def _loose_in_flow(flow: Flow) -> list[tuple[str, str]]:
    known = sorted(flow.states)
    ends: list[tuple[str, str]] = []
    if flow.start not in flow.states:
        ends.append(("start", f"a state of this flow: {known}"))
    named = [("open_states", flow.open_states), ("absorbs", flow.absorbs)]
    named += [(f"overdue.{code}", rule.states) for code, rule in flow.overdue.items()]
    if flow.progress != list(EARLY_PROGRESS):
        named.append(("progress", flow.progress))
    if flow.tasks != EARLY_TASKS:
        named.append(("tasks", list(flow.tasks.values())))
    if flow.on_the_spot is not None:
        named.append(("on_the_spot", [flow.on_the_spot.state, flow.on_the_spot.sampled]))
    ends += [
        (field, f"states of this flow, not {state!r}: {known}")
        for field, states in named
        for state in states
        if state not in flow.states
    ]
    for code, rule in flow.overdue.items():
        if (rule.after_s is None) == (rule.of is None):
            ends.append((f"overdue.{code}", "after_s, or of (respond_by, due_at)"))
    for code, action in flow.actions.items():
        for state in (*action.start, action.to):
            if state not in flow.states and state != SAME:
                ends.append((f"actions.{code}", f"states of this flow, not {state!r}: {known}"))
    return ends


def _line_of(root: yaml.Node | None, path: str) -> int:
    """The line, from 1, of a msgspec path such as $.items.fence.due; the nearest that exists."""
    node, line = root, 1
    for part in re.findall(r"\.([\w-]+)|\[(\d+)\]|\[(\.\.\.)\]", path):
        name, index, _any = part
        if isinstance(node, yaml.MappingNode) and name:
            for key, value in node.value:
                if key.value == name:
                    node, line = value, key.start_mark.line + 1
                    break
            else:
                break
        elif isinstance(node, yaml.SequenceNode) and index and int(index) < len(node.value):
            node = node.value[int(index)]
            line = node.start_mark.line + 1
        else:
            break
    return line
