-- Visitor statistics: sites, open days with their sealed counts, and published figures. No row is about a visit.
CREATE TABLE site (
  id BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL UNIQUE, hosts TEXT NOT NULL, zone TEXT NOT NULL,
  public BIGINT NOT NULL);

-- Closed, the key is empty and its slot forgotten.
CREATE TABLE visit_day (
  site BIGINT NOT NULL, date BIGINT NOT NULL, slot BIGINT NOT NULL, day_key BYTES NOT NULL,
  open_until BIGINT NOT NULL, closed BIGINT NOT NULL, bots BIGINT NOT NULL, late BIGINT NOT NULL,
  refused BIGINT NOT NULL, missing BIGINT NOT NULL, PRIMARY KEY (site, date));
CREATE INDEX visit_day_open ON visit_day (open_until) WHERE closed = 0;

-- A node's counts are one text in parts: a large day's would be in memory several times over if it were one value.
CREATE TABLE visit_tally (
  site BIGINT NOT NULL, date BIGINT NOT NULL, node BIGINT NOT NULL, part BIGINT NOT NULL, slot BIGINT NOT NULL,
  last BIGINT NOT NULL, state BYTES NOT NULL, PRIMARY KEY (site, date, node, part));

-- Folded and rounded. The cells stand last: totals are read without them.
CREATE TABLE figures (
  site BIGINT NOT NULL, audience TEXT NOT NULL, dimension TEXT NOT NULL, span TEXT NOT NULL, start BIGINT NOT NULL,
  views BIGINT NOT NULL, visitors BIGINT NOT NULL, beyond BIGINT NOT NULL, days BIGINT NOT NULL,
  cells BYTES NOT NULL, PRIMARY KEY (site, audience, dimension, span, start));

CREATE TABLE word (
  id BIGINT NOT NULL PRIMARY KEY, site BIGINT NOT NULL, text TEXT NOT NULL, UNIQUE (site, text));

CREATE TABLE site_note (
  site BIGINT NOT NULL, date BIGINT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (site, date));

CREATE TABLE log_position (
  site BIGINT NOT NULL, file BYTES NOT NULL, read_to BIGINT NOT NULL, day BIGINT NOT NULL, PRIMARY KEY (site, file));
CREATE INDEX log_position_day ON log_position (day);
