"""Does the ledger add up? Whatever the portal shows as a sum is compared with its entries."""

from dataclasses import dataclass

from portal.access import Permission, Viewer
from portal.database import fetch

LINES = """
SELECT 'line' AS what, l.id, l.client FROM service_line AS l
  LEFT JOIN (
    SELECT line,
           sum(amount) FILTER (WHERE kind = 'charge') AS charged,
           -sum(amount) FILTER (WHERE kind = 'insurer_payment') AS by_insurer,
           -sum(amount) FILTER (WHERE kind IN ('client_payment', 'refund', 'transfer')) AS by_client,
           -sum(amount) FILTER (WHERE kind IN ('adjustment', 'write_off')) AS adjusted,
           sum(amount) FILTER (WHERE share = 'insurance') AS insurance_due,
           sum(amount) FILTER (WHERE share = 'client') AS client_due
      FROM entry WHERE line IS NOT NULL GROUP BY line) AS e ON e.line = l.id
 WHERE (l.charged, l.paid_by_insurer, l.paid_by_client, l.adjusted, l.insurance_due, l.client_due) IS DISTINCT FROM
       (coalesce(e.charged, 0), coalesce(e.by_insurer, 0), coalesce(e.by_client, 0), coalesce(e.adjusted, 0),
        coalesce(e.insurance_due, 0), coalesce(e.client_due, 0))
"""
ACCOUNTS = """
SELECT 'account' AS what, a.id, a.client FROM ledger_account AS a
  LEFT JOIN (
    SELECT client,
           sum(amount) FILTER (WHERE line IS NOT NULL AND share = 'insurance') AS insurance_due,
           sum(amount) FILTER (WHERE line IS NOT NULL AND share = 'client') AS client_due,
           -sum(amount) FILTER (WHERE line IS NULL) AS credit
      FROM entry GROUP BY client) AS e ON e.client = a.client
 WHERE (a.insurance_due, a.client_due, a.credit) IS DISTINCT FROM
       (coalesce(e.insurance_due, 0), coalesce(e.client_due, 0), coalesce(e.credit, 0))
UNION ALL
SELECT 'account', e.client, e.client FROM entry AS e
 WHERE NOT EXISTS (SELECT FROM ledger_account AS a WHERE a.client = e.client) GROUP BY e.client
"""
STRANGERS = """
SELECT 'entry' AS what, e.id, e.client FROM entry AS e JOIN posting AS p ON p.id = e.posting
  LEFT JOIN service_line AS l ON l.id = e.line LEFT JOIN entry AS r ON r.id = e.reverses
 WHERE p.client <> e.client OR l.client <> e.client
    OR (r.id IS NOT NULL AND (r.line, r.kind, r.share, -r.amount) IS DISTINCT FROM (e.line, e.kind, e.share, e.amount))
"""
ENCOUNTERS = """
SELECT 'encounter' AS what, e.id, e.client FROM encounter AS e JOIN service_line AS l ON l.encounter = e.id
 WHERE l.client <> e.client
    OR (e.voided_at IS NOT NULL AND (l.charged, l.paid_by_insurer, l.paid_by_client, l.adjusted) <> (0, 0, 0, 0))
    OR (e.voided_at IS NULL AND l.charged <> l.units * l.fee)
 GROUP BY e.id
"""
PAYMENTS = """
SELECT 'payment' AS what, m.id, m.client FROM payment AS m
  LEFT JOIN posting AS p ON p.payment = m.id AND p.reverses IS NULL
  LEFT JOIN LATERAL (
    SELECT sum(amount) AS moved FROM entry
     WHERE posting = p.id AND kind IN ('client_payment', 'insurer_payment', 'refund')) AS e ON true
 WHERE p.id IS NULL OR p.client <> m.client OR abs(coalesce(e.moved, 0)) <> m.amount
    OR (m.reversed_at IS NOT NULL) <> EXISTS (SELECT FROM posting AS r WHERE r.reverses = p.id)
    OR ((m.payer = '') <> (m.number IS NOT NULL))
"""
INVOICES = """
SELECT 'invoice' AS what, i.id, i.client FROM invoice AS i
  LEFT JOIN LATERAL (
    SELECT sum(amount) AS total, bool_or(n.is_live) AS live, bool_or(l.client <> i.client) AS strange
      FROM invoice_line AS n JOIN service_line AS l ON l.id = n.line WHERE n.invoice = i.id) AS n ON true
 WHERE i.number IS NULL OR n.total IS DISTINCT FROM i.total OR n.strange
    OR n.live IS DISTINCT FROM (i.voided_at IS NULL)
"""
GAPS = """
SELECT 'number of an {name}' AS what, s.number AS id, NULL::bigint AS client
  FROM counter AS c, generate_series(1, c.last) AS s(number)
 WHERE c.name = '{name}' AND NOT EXISTS (SELECT FROM {table} AS t WHERE t.number = s.number)
"""
CHECKS = (
    LINES, ACCOUNTS, STRANGERS, ENCOUNTERS, PAYMENTS, INVOICES, GAPS.format(name="invoice", table="invoice"),
    GAPS.format(name="receipt", table="payment"),
)  # fmt: skip


@dataclass(frozen=True)
class Fault:
    """`what` does not add up: its id, and whose it is."""

    what: str
    id: int
    client: int | None


@dataclass(frozen=True)
class Checked:
    clients: int
    entries: int
    faults: list[Fault]


async def check(viewer: Viewer) -> Checked:
    """All of it, in one look at the database: seconds for a million entries."""
    viewer.must(Permission.LEDGER_READ)
    viewer.must(Permission.CLIENT_READ_ALL)
    counted = await fetch("SELECT count(*) AS entries, count(DISTINCT client) AS clients FROM entry")
    faults = [Fault(**row) for sql in CHECKS for row in await fetch(sql)]
    return Checked(counted[0]["clients"], counted[0]["entries"], faults)
