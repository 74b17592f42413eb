"""Fifty thousand conversations: one of each invented client, forty of Maya's, and one that has gone on for years."""

LONG, OWN = 1000, 40
LONG_SUBJECT = "A long story"
WORDS = (
    "May I come half an hour later on Thursday? The bus that I take does not run before nine, and the next one is late."
)
ANSWER = "Yes, of course: come at half past ten, and take the stairs on the left. The lift is being repaired this week."
FOUND = "array_to_tsvector(string_to_array(lower(regexp_replace({}, '[^a-zA-Z ]', '', 'g')), ' '))"
# Everybody of the crowd signs in; Dr. Okafor sees one in a hundred of them. One thread in 250 waits, one in ten is open.
FILL = f"""
INSERT INTO account (email, email_key, name, password_hash, language, theme, is_suspended, created_at)
SELECT 'client-' || id || '@bench.example', 'client-' || id || '@bench.example', given_name || ' ' || family_name, '',
       'en', '', false, now() - interval '3 years'
  FROM client WHERE id > 20;
INSERT INTO access_grant (account, client, kind, areas, starts_at)
SELECT a.id, c.id, 'self', (SELECT areas FROM access_grant ORDER BY id LIMIT 1), now() - interval '3 years'
  FROM client AS c JOIN account AS a ON a.email_key = 'client-' || c.id || '@bench.example';
UPDATE client SET principal_clinician = (SELECT staff_member FROM account WHERE email_key LIKE 'ngozi@%')
 WHERE id > 20 AND id % 101 = 7;

INSERT INTO thread (client, topic, clinician, subject, started_at, latest_at, may_reply, latest, office_read_to, version,
                    waiting_since, closed_at)
SELECT id, topic, CASE topic WHEN 'personal' THEN principal_clinician END, 'Question ' || id, begun, begun, true, 0, 0, 1,
       CASE WHEN id % 250 = 0 THEN begun END, CASE WHEN id % 250 > 0 AND id % 10 > 0 THEN begun + interval '3 hours' END
  FROM (SELECT id, principal_clinician,
               (ARRAY['appointments', 'appointments', 'appointments', 'billing', 'billing', 'care', 'care', 'care', 'other',
                      'personal'])[id / 10 % 10 + 1] AS topic,
               now() - interval '5 hours' - CASE WHEN id % 250 = 0 THEN id % 4000 * interval '1 minute'
                                                 ELSE id * 7919 % 63000000 * interval '1 second' END AS begun
          FROM client WHERE id > 20) AS c;
INSERT INTO thread (client, topic, subject, started_at, latest_at, may_reply, latest, office_read_to, version)
SELECT g.client, CASE WHEN n % 4 = 1 THEN 'care' ELSE 'appointments' END,
       CASE n WHEN 0 THEN '{LONG_SUBJECT}' ELSE 'Matter ' || n END, now() - n * interval '9 days' - interval '1000 hours',
       now(), true, 0, 0, 1
  FROM access_grant AS g JOIN account AS a ON a.id = g.account AND a.email_key = 'maya.reyes@example.com',
       generate_series(0, {OWN}) AS n;
INSERT INTO thread_participant (thread, account, read_to, told_to, added_at)
SELECT t.id, g.account, 0, 0, t.started_at
  FROM thread AS t JOIN access_grant AS g ON g.client = t.client
 WHERE NOT EXISTS (SELECT FROM thread_participant WHERE thread = t.id);

INSERT INTO message (thread, client, kind, author, staff, body, key, sent_at, search)
SELECT thread, client, kind, author, CASE kind WHEN 'office' THEN desk.staff_member END, body,
       'bench-' || thread || '-' || n, sent_at, {FOUND.format("body")}
  FROM (SELECT t.id AS thread, t.client, n, CASE WHEN n % 2 = 0 THEN 'client' ELSE 'office' END AS kind,
               CASE WHEN n % 2 = 0 THEN p.account ELSE (SELECT id FROM account WHERE email_key LIKE 'priya@%') END AS author,
               CASE WHEN n % 2 = 0 THEN '{WORDS}' ELSE '{ANSWER}' END AS body,
               t.started_at + n * interval '1 hour' AS sent_at
          FROM thread AS t JOIN thread_participant AS p ON p.thread = t.id,
               generate_series(0, CASE WHEN t.subject = '{LONG_SUBJECT}' THEN {LONG} - 1 WHEN t.waiting_since IS NULL THEN 1
                                       ELSE 0 END) AS n
         WHERE t.subject = '{LONG_SUBJECT}' OR t.subject LIKE 'Matter %' OR t.subject LIKE 'Question %') AS said,
       (SELECT staff_member FROM account WHERE email_key LIKE 'priya@%') AS desk
 ORDER BY sent_at, thread, n;
UPDATE thread SET latest = m.id, latest_at = m.sent_at, office_read_to = CASE WHEN waiting_since IS NULL THEN m.id ELSE 0 END
  FROM (SELECT DISTINCT ON (thread) thread, id, sent_at FROM message WHERE key LIKE 'bench-%' ORDER BY thread, id DESC) AS m
 WHERE m.thread = thread.id;
UPDATE thread_participant AS p SET read_to = t.latest
  FROM thread AS t WHERE t.id = p.thread AND (t.subject LIKE 'Question %' AND t.id % 5 > 0 OR t.subject = '{LONG_SUBJECT}'
                                              OR t.subject LIKE 'Matter %' AND t.subject NOT LIKE '%0');
"""
