-- The schema, in one text for both engines. Column types are TEXT, BIGINT and BYTES (BYTEA in PostgreSQL, BLOB in SQLite).
-- No column is ever NULL. The data inventory (policy::inventory) lists every column; a test compares both lists.

-- Facts about this database, such as the schema version, the store's id and the highest keyring epoch seen.
CREATE TABLE meta (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL);

-- Number of changes to conversations so far. The counter only grows, so a deleted conversation's revision is never reused.
INSERT INTO meta (name, value) VALUES ('revision', '0');

CREATE TABLE product (
  id BIGINT NOT NULL PRIMARY KEY, provider_id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, kind TEXT NOT NULL,
  seats BIGINT NOT NULL, keys TEXT NOT NULL, updates_months BIGINT NOT NULL, edition BIGINT NOT NULL,
  renewal_discount BIGINT NOT NULL, window_before BIGINT NOT NULL, window_after BIGINT NOT NULL,
  grace_days BIGINT NOT NULL, hold_discounts BIGINT NOT NULL, prints_company BIGINT NOT NULL);

CREATE TABLE signing_key (
  id BIGINT NOT NULL PRIMARY KEY, slot BIGINT NOT NULL, public BYTES NOT NULL, secret BYTES NOT NULL,
  state TEXT NOT NULL, since_day BIGINT NOT NULL);

-- Customers and licensees. `suppression` is empty, or the reason why e-mails are suppressed: bounce, complaint or stop.
CREATE TABLE person (
  slot BIGINT NOT NULL PRIMARY KEY, email BYTES NOT NULL, name BYTES NOT NULL, company BYTES NOT NULL,
  language BYTES NOT NULL, since_day BIGINT NOT NULL, ended_day BIGINT NOT NULL, erase_day BIGINT NOT NULL,
  suppression TEXT NOT NULL);
-- Few persons are in these partial indexes. Retention runs read only them.
CREATE INDEX person_ended ON person (ended_day) WHERE ended_day > 0;
CREATE INDEX person_erase ON person (erase_day) WHERE erase_day > 0;

CREATE TABLE orders (
  id BIGINT NOT NULL PRIMARY KEY, slot BIGINT NOT NULL, product BIGINT NOT NULL, quantity BIGINT NOT NULL,
  placed_day BIGINT NOT NULL, test BIGINT NOT NULL, payment_status TEXT NOT NULL, flag TEXT NOT NULL,
  provider_ids BYTES NOT NULL, payment BYTES NOT NULL, custom BYTES NOT NULL, processed_notifications BYTES NOT NULL);
CREATE INDEX orders_slot ON orders (slot);
CREATE INDEX orders_flag ON orders (flag) WHERE flag <> '';

-- Orders for products that the store does not know yet.
CREATE TABLE pending_order (
  id BIGINT NOT NULL PRIMARY KEY, slot BIGINT NOT NULL, provider_id TEXT NOT NULL, arrival BIGINT NOT NULL,
  day BIGINT NOT NULL, notification BYTES NOT NULL);
CREATE INDEX pending_order_provider ON pending_order (provider_id, arrival);
CREATE INDEX pending_order_slot ON pending_order (slot);

-- Idempotency records of notifications whose person is erased, or whose order is not known yet.
CREATE TABLE processed_notification (tag BYTES NOT NULL PRIMARY KEY, year BIGINT NOT NULL);
CREATE TABLE early_notification (tag BYTES NOT NULL PRIMARY KEY, year BIGINT NOT NULL);

CREATE TABLE licence (
  serial BIGINT NOT NULL PRIMARY KEY, product BIGINT NOT NULL, kind TEXT NOT NULL, edition BIGINT NOT NULL,
  seats BIGINT NOT NULL, grace_days BIGINT NOT NULL, state TEXT NOT NULL, until_day BIGINT NOT NULL,
  suspended BIGINT NOT NULL, terminated BIGINT NOT NULL, finished_day BIGINT NOT NULL, revoked BIGINT NOT NULL,
  issued_day BIGINT NOT NULL, current_key BYTES NOT NULL);

CREATE TABLE term (
  serial BIGINT NOT NULL, number BIGINT NOT NULL, kind TEXT NOT NULL, placed_day BIGINT NOT NULL,
  months BIGINT NOT NULL, until_day BIGINT NOT NULL, payment_status TEXT NOT NULL, issued_key BYTES NOT NULL,
  PRIMARY KEY (serial, number));

-- Terms of licences that each order item gave.
CREATE TABLE grants (
  order_id BIGINT NOT NULL, slot BIGINT NOT NULL, serial BIGINT NOT NULL, term BIGINT NOT NULL,
  PRIMARY KEY (order_id, serial, term));
CREATE INDEX grants_slot ON grants (slot);
CREATE INDEX grants_serial ON grants (serial);

CREATE TABLE holder (
  serial BIGINT NOT NULL, slot BIGINT NOT NULL, role TEXT NOT NULL, PRIMARY KEY (serial, slot));
CREATE INDEX holder_slot ON holder (slot);

CREATE TABLE renewal (
  token_hash BYTES NOT NULL PRIMARY KEY, slot BIGINT NOT NULL, serial BIGINT NOT NULL, expires_at BIGINT NOT NULL,
  used BIGINT NOT NULL);
CREATE INDEX renewal_slot ON renewal (slot);

-- Blind index: sealed buckets of keyed hashes, each a range of the hash that begins at `low`.
CREATE TABLE index_bucket (
  kind TEXT NOT NULL, low BIGINT NOT NULL, slot BIGINT NOT NULL, pairs BYTES NOT NULL, PRIMARY KEY (kind, low));

-- Erasures that the data has recorded and that the keyring has not completed yet.
CREATE TABLE erasure_intent (
  id BIGINT NOT NULL PRIMARY KEY, slots BYTES NOT NULL, tombstones BYTES NOT NULL, day BIGINT NOT NULL,
  reason TEXT NOT NULL);

CREATE TABLE receipt (
  code_hash BYTES NOT NULL PRIMARY KEY, erasure_intent BIGINT NOT NULL, day BIGINT NOT NULL, body TEXT NOT NULL);

CREATE TABLE magic_link (
  token_hash BYTES NOT NULL PRIMARY KEY, slot BIGINT NOT NULL, kind TEXT NOT NULL, requested_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL, used BIGINT NOT NULL, session BYTES NOT NULL, address BYTES NOT NULL);
CREATE INDEX magic_link_slot ON magic_link (slot);
CREATE INDEX magic_link_requested ON magic_link (requested_at);

CREATE TABLE session (
  token_hash BYTES NOT NULL PRIMARY KEY, slot BIGINT NOT NULL, expires_at BIGINT NOT NULL,
  address_change_requested BIGINT NOT NULL);
CREATE INDEX session_slot ON session (slot);

CREATE TABLE outbox (
  id BIGINT NOT NULL PRIMARY KEY, slot BIGINT NOT NULL, kind TEXT NOT NULL, cause BIGINT NOT NULL,
  attempts BIGINT NOT NULL, next_attempt_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, claimed_until BIGINT NOT NULL,
  state TEXT NOT NULL, email BYTES NOT NULL);
CREATE INDEX outbox_next ON outbox (state, next_attempt_at);
CREATE INDEX outbox_slot ON outbox (slot);
CREATE INDEX outbox_cause ON outbox (cause, kind);

-- Audit log. `audit_link` is the number of the link of the hash chain that covers an entry; 0 until a link covers it.
CREATE TABLE audit_entry (
  id BIGINT NOT NULL PRIMARY KEY, audit_link BIGINT NOT NULL, at BIGINT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
  purpose TEXT NOT NULL, actor TEXT NOT NULL, slot BIGINT NOT NULL, cause BIGINT NOT NULL, case_text BYTES NOT NULL,
  recipient BYTES NOT NULL, digest BYTES NOT NULL);
CREATE INDEX audit_entry_link ON audit_entry (audit_link, id);
CREATE INDEX audit_entry_at ON audit_entry (at DESC, id);
CREATE INDEX audit_entry_slot ON audit_entry (slot);

CREATE TABLE audit_link (
  seq BIGINT NOT NULL PRIMARY KEY, entries BIGINT NOT NULL, closed_at BIGINT NOT NULL, mac BYTES NOT NULL);

CREATE TABLE counter (
  day BIGINT NOT NULL, name TEXT NOT NULL, total BIGINT NOT NULL, PRIMARY KEY (day, name));

-- Contact and support. Each conversation has its own key slot.
CREATE TABLE conversation (
  id BIGINT NOT NULL PRIMARY KEY, slot BIGINT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL,
  person BIGINT NOT NULL, assigned TEXT NOT NULL, snoozed_day BIGINT NOT NULL, messages BIGINT NOT NULL,
  opened_day BIGINT NOT NULL, last_message_day BIGINT NOT NULL, closed_day BIGINT NOT NULL, revision BIGINT NOT NULL,
  licence BIGINT NOT NULL, related BIGINT NOT NULL, last_action BIGINT NOT NULL, last_action_day BIGINT NOT NULL,
  emails_since_action BIGINT NOT NULL, verified BIGINT NOT NULL, suppression TEXT NOT NULL, subject BYTES NOT NULL,
  contact BYTES NOT NULL, tags BYTES NOT NULL, address_tag BYTES NOT NULL);
CREATE UNIQUE INDEX conversation_slot ON conversation (slot);
CREATE UNIQUE INDEX conversation_revision ON conversation (revision);
CREATE INDEX conversation_person ON conversation (person) WHERE person > 0;
CREATE INDEX conversation_related ON conversation (related) WHERE related > 0;
CREATE INDEX conversation_state ON conversation (state, revision);
CREATE INDEX conversation_assigned ON conversation (assigned, revision) WHERE state = 'open';
CREATE INDEX conversation_snoozed ON conversation (revision) WHERE snoozed_day > 0;
CREATE INDEX conversation_closed ON conversation (closed_day) WHERE closed_day > 0;

CREATE TABLE message (
  id BIGINT NOT NULL PRIMARY KEY, conversation BIGINT NOT NULL, slot BIGINT NOT NULL, number BIGINT NOT NULL,
  day BIGINT NOT NULL, kind TEXT NOT NULL, via TEXT NOT NULL, actor TEXT NOT NULL, action BIGINT NOT NULL,
  body BYTES NOT NULL, UNIQUE (conversation, number));
CREATE INDEX message_slot ON message (slot);

-- A file is unattached while `message` is 0.
CREATE TABLE attachment (
  id BIGINT NOT NULL PRIMARY KEY, message BIGINT NOT NULL, conversation BIGINT NOT NULL, slot BIGINT NOT NULL,
  number BIGINT NOT NULL, day BIGINT NOT NULL, size BIGINT NOT NULL, kind TEXT NOT NULL, name BYTES NOT NULL);
CREATE INDEX attachment_message ON attachment (message);
CREATE INDEX attachment_slot ON attachment (slot);
CREATE INDEX attachment_unattached ON attachment (day) WHERE message = 0;

CREATE TABLE chunk (
  attachment BIGINT NOT NULL, number BIGINT NOT NULL, slot BIGINT NOT NULL, bytes BYTES NOT NULL,
  PRIMARY KEY (attachment, number));
CREATE INDEX chunk_slot ON chunk (slot);

-- Credentials of a conversation: access codes and e-mail tokens. Only hashes are stored.
CREATE TABLE conversation_access (
  token_hash BYTES NOT NULL PRIMARY KEY, conversation BIGINT NOT NULL, slot BIGINT NOT NULL, kind TEXT NOT NULL,
  expires_day BIGINT NOT NULL);
CREATE INDEX conversation_access_slot ON conversation_access (slot);
CREATE INDEX conversation_access_expires ON conversation_access (expires_day) WHERE expires_day > 0;

-- Idempotency records of received e-mails.
CREATE TABLE processed_mail (tag BYTES NOT NULL PRIMARY KEY, slot BIGINT NOT NULL, day BIGINT NOT NULL);
CREATE INDEX processed_mail_slot ON processed_mail (slot);
CREATE INDEX processed_mail_day ON processed_mail (day);

CREATE TABLE canned_response (name TEXT NOT NULL PRIMARY KEY, body TEXT NOT NULL);

CREATE TABLE api_token (
  token_hash BYTES NOT NULL PRIMARY KEY, name TEXT NOT NULL UNIQUE, staff TEXT NOT NULL, scopes TEXT NOT NULL,
  created_day BIGINT NOT NULL, expires_day BIGINT NOT NULL);

-- Visitor statistics: sites, open days with sealed counts, and published figures. No row describes one visit.
CREATE TABLE site (
  id BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL UNIQUE, hosts TEXT NOT NULL, zone TEXT NOT NULL,
  public BIGINT NOT NULL);

-- When a day is closed, its key becomes empty and its slot is forgotten.
CREATE TABLE visit_day (
  site BIGINT NOT NULL, date BIGINT NOT NULL, slot BIGINT NOT NULL, day_key BYTES NOT NULL,
  open_until BIGINT NOT NULL, closed BIGINT NOT NULL, bots BIGINT NOT NULL, late BIGINT NOT NULL,
  refused BIGINT NOT NULL, missing BIGINT NOT NULL, PRIMARY KEY (site, date));
CREATE INDEX visit_day_open ON visit_day (open_until) WHERE closed = 0;

-- One process's counts of an open day, cut into parts: one value for a large day would need several times its size in memory.
CREATE TABLE visit_tally (
  site BIGINT NOT NULL, date BIGINT NOT NULL, node BIGINT NOT NULL, part BIGINT NOT NULL, slot BIGINT NOT NULL,
  complete BIGINT NOT NULL, state BYTES NOT NULL, PRIMARY KEY (site, date, node, part));

-- Published numbers, suppressed below k and rounded. `cells` is the last column, so that totals are read without it.
CREATE TABLE figures (
  site BIGINT NOT NULL, audience TEXT NOT NULL, dimension TEXT NOT NULL, span TEXT NOT NULL, start BIGINT NOT NULL,
  views BIGINT NOT NULL, visitors BIGINT NOT NULL, evicted_views BIGINT NOT NULL, days BIGINT NOT NULL,
  cells BYTES NOT NULL, PRIMARY KEY (site, audience, dimension, span, start));

-- Values that published figures refer to by number: pages, referrers, countries.
CREATE TABLE dictionary (
  id BIGINT NOT NULL PRIMARY KEY, site BIGINT NOT NULL, text TEXT NOT NULL, UNIQUE (site, text));

CREATE TABLE site_note (
  site BIGINT NOT NULL, date BIGINT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (site, date));

CREATE TABLE log_position (
  site BIGINT NOT NULL, file BYTES NOT NULL, read_to BIGINT NOT NULL, day BIGINT NOT NULL, PRIMARY KEY (site, file));
CREATE INDEX log_position_day ON log_position (day);
