"""A prior for each kind of edit: how likely one edit of the kind is to be the repair.

Hand-set from published and measured experience with one-edit repair (operator, bound and condition
changes first, synthesised guards last), not fitted to any set of programs. The search that uses
them lives elsewhere and may have better ones.
"""
from typing import Dict

PRIORS: Dict[str, float] = {
    "comparison": 1.0, "arithmetic": 0.8, "arithmetic.operands": 0.6, "arithmetic.group": 0.5,
    "boolean": 0.9, "negate": 0.7, "unaryMinus": 0.3, "offByOne": 0.9, "constant": 0.6,
    "listTuple": 0.5, "accumulatorStart": 0.4, "variable": 0.7, "attribute": 0.6,
    "selfAttribute": 0.8, "index": 0.4, "call.function": 0.6, "call.argument": 0.4,
    "call.missing": 0.9, "method": 0.6, "sortKey": 0.5, "wrap": 0.25, "unwrap": 0.5,
    "subscriptToCall": 0.8, "slice": 0.3, "slice.bounds": 0.5, "range.bounds": 0.6,
    "iteration": 0.6, "condition.strengthen": 0.25, "condition.weaken": 0.25,
    "condition.other": 0.15, "condition.constant": 0.1, "ifExpression": 0.15, "comprehension": 0.4,
    "recursion": 0.4, "return.expression": 0.3, "return.missing": 0.9, "await.missing": 0.9,
    "raise.missing": 0.9, "raise.type": 0.4, "statement.insertReturn": 0.5,
    "statement.insertGuard": 0.06, "statement.insertUpdate": 0.2, "statement.initialise": 0.6,
    "statement.copy": 0.15, "statement.delete": 0.4, "expression.other": 0.2, "element": 0.9,
    "statement.split": 0.8, "arithmetic.insert": 0.2, "statement.unguard": 0.3,
    "statement.move": 0.6, "statement.indent": 0.6, "statement.swap": 0.5, "statement.assign": 0.5,
    "statement.plain": 0.9, "augmented": 0.6, "branch.swap": 0.5, "branch.elifToIf": 0.5,
    "loop.whileIf": 0.4, "loop.wrap": 0.2, "loop.else": 0.5, "breakContinue": 0.5, "default.mutable": 0.9, "default.get": 0.2,
    "closure.lateBinding": 0.9, "scope": 0.8, "handler.type": 0.4, "handler.add": 0.15,
    "synthesis.return": 0.6, "synthesis.condition": 0.6, "synthesis.only": 0.4, "synthesis.leave": 0.2, "synthesis.guard": 0.1,
    "coupled": 0.4, "coupled.twin": 0.3,
}
