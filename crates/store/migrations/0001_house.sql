-- One text for both engines: TEXT, BIGINT and BYTES (BYTEA in PostgreSQL, BLOB in SQLite), never null.
-- Every column stands in the inventory (policy::inventory); a test compares them both ways.
CREATE TABLE meta (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL);

CREATE TABLE product (
  id BIGINT NOT NULL PRIMARY KEY, provider_id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, kind TEXT NOT NULL,
  seats BIGINT NOT NULL, keys TEXT NOT NULL, updates_months BIGINT NOT NULL, edition BIGINT NOT NULL,
  renewal_discount BIGINT NOT NULL, window_before BIGINT NOT NULL, window_after BIGINT NOT NULL,
  grace_days BIGINT NOT NULL, hold_discounts BIGINT NOT NULL, prints_company BIGINT NOT NULL);

CREATE TABLE person (
  slot BIGINT NOT NULL PRIMARY KEY, email BYTES NOT NULL, name BYTES NOT NULL, company BYTES NOT NULL,
  language BYTES NOT NULL, since_day BIGINT NOT NULL, ended_day BIGINT NOT NULL, erase_day BIGINT NOT NULL);
-- Almost nobody stands in these two: sweeping looks at them alone.
CREATE INDEX person_ended ON person (ended_day) WHERE ended_day > 0;
CREATE INDEX person_erase ON person (erase_day) WHERE erase_day > 0;

CREATE TABLE orders (
  id BIGINT NOT NULL PRIMARY KEY, slot BIGINT NOT NULL, product BIGINT NOT NULL, quantity BIGINT NOT NULL,
  placed_day BIGINT NOT NULL, test BIGINT NOT NULL, standing TEXT NOT NULL, flag TEXT NOT NULL,
  numbers BYTES NOT NULL, payment BYTES NOT NULL, custom BYTES NOT NULL, acted BYTES NOT NULL);
CREATE INDEX orders_slot ON orders (slot);
CREATE INDEX orders_flag ON orders (flag) WHERE flag <> '';

CREATE TABLE grants (
  order_id BIGINT NOT NULL, slot BIGINT NOT NULL, serial BIGINT NOT NULL, term BIGINT NOT NULL,
  PRIMARY KEY (order_id, serial, term));
CREATE INDEX grants_slot ON grants (slot);
CREATE INDEX grants_serial ON grants (serial);

CREATE TABLE holder (
  serial BIGINT NOT NULL, slot BIGINT NOT NULL, role TEXT NOT NULL, PRIMARY KEY (serial, slot));
CREATE INDEX holder_slot ON holder (slot);

CREATE TABLE licence (
  serial BIGINT NOT NULL PRIMARY KEY, product BIGINT NOT NULL, kind TEXT NOT NULL, edition BIGINT NOT NULL,
  seats BIGINT NOT NULL, grace_days BIGINT NOT NULL, state TEXT NOT NULL, until_day BIGINT NOT NULL,
  suspended BIGINT NOT NULL, terminated BIGINT NOT NULL, finished_day BIGINT NOT NULL, revoked BIGINT NOT NULL,
  issued_day BIGINT NOT NULL, current_key BYTES NOT NULL);

CREATE TABLE term (
  serial BIGINT NOT NULL, n BIGINT NOT NULL, kind TEXT NOT NULL, placed_day BIGINT NOT NULL,
  months BIGINT NOT NULL, until_day BIGINT NOT NULL, standing TEXT NOT NULL, given_key BYTES NOT NULL,
  PRIMARY KEY (serial, n));

CREATE TABLE renewal (
  tag BYTES NOT NULL PRIMARY KEY, slot BIGINT NOT NULL, serial BIGINT NOT NULL, expires_at BIGINT NOT NULL,
  used BIGINT NOT NULL);
CREATE INDEX renewal_slot ON renewal (slot);

CREATE TABLE pending (
  id BIGINT NOT NULL PRIMARY KEY, slot BIGINT NOT NULL, provider_id TEXT NOT NULL, arrived BIGINT NOT NULL,
  day BIGINT NOT NULL, notice BYTES NOT NULL);
CREATE INDEX pending_provider ON pending (provider_id, arrived);
CREATE INDEX pending_slot ON pending (slot);

CREATE TABLE bucket (
  kind TEXT NOT NULL, low BIGINT NOT NULL, slot BIGINT NOT NULL, pairs BYTES NOT NULL, PRIMARY KEY (kind, low));

CREATE TABLE intent (
  id BIGINT NOT NULL PRIMARY KEY, slots BYTES NOT NULL, tombstones BYTES NOT NULL, day BIGINT NOT NULL,
  why TEXT NOT NULL);

CREATE TABLE acted (tag BYTES NOT NULL PRIMARY KEY, year BIGINT NOT NULL);
CREATE TABLE early (tag BYTES NOT NULL PRIMARY KEY, year BIGINT NOT NULL);

CREATE TABLE link (
  tag BYTES NOT NULL PRIMARY KEY, slot BIGINT NOT NULL, kind TEXT NOT NULL, asked_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL, used BIGINT NOT NULL, session BYTES NOT NULL, address BYTES NOT NULL);
CREATE INDEX link_slot ON link (slot);
CREATE INDEX link_asked ON link (asked_at);

CREATE TABLE session (
  tag BYTES NOT NULL PRIMARY KEY, slot BIGINT NOT NULL, expires_at BIGINT NOT NULL, address_asked BIGINT NOT NULL);
CREATE INDEX session_slot ON session (slot);

CREATE TABLE outbox (
  id BIGINT NOT NULL PRIMARY KEY, slot BIGINT NOT NULL, kind TEXT NOT NULL, cause BIGINT NOT NULL,
  tries BIGINT NOT NULL, next_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, taken_until BIGINT NOT NULL,
  state TEXT NOT NULL, letter BYTES NOT NULL);
CREATE INDEX outbox_next ON outbox (state, next_at);
CREATE INDEX outbox_slot ON outbox (slot);
CREATE INDEX outbox_cause ON outbox (cause, kind);

CREATE TABLE receipt (
  tag BYTES NOT NULL PRIMARY KEY, intent BIGINT NOT NULL, day BIGINT NOT NULL, body TEXT NOT NULL);

CREATE TABLE signing_key (
  id BIGINT NOT NULL PRIMARY KEY, slot BIGINT NOT NULL, public BYTES NOT NULL, secret BYTES NOT NULL,
  state TEXT NOT NULL, since_day BIGINT NOT NULL);

CREATE TABLE journal (
  id BIGINT NOT NULL PRIMARY KEY, link BIGINT NOT NULL, at BIGINT NOT NULL, kind TEXT NOT NULL, what TEXT NOT NULL,
  purpose TEXT NOT NULL, who TEXT NOT NULL, slot BIGINT NOT NULL, cause BIGINT NOT NULL, case_text BYTES NOT NULL,
  recipient BYTES NOT NULL, digest BYTES NOT NULL);
CREATE INDEX journal_in_link ON journal (link, id);
CREATE INDEX journal_at ON journal (at DESC, id);
CREATE INDEX journal_slot ON journal (slot);

CREATE TABLE journal_link (
  seq BIGINT NOT NULL PRIMARY KEY, lines BIGINT NOT NULL, closed_at BIGINT NOT NULL, mac BYTES NOT NULL);

CREATE TABLE counted (
  day BIGINT NOT NULL, name TEXT NOT NULL, n BIGINT NOT NULL, PRIMARY KEY (day, name));
