-- Contact and support: threads, each under a slot of its own.
-- How often any thread has changed is a fact of this database: a number is never given twice, although threads go.
INSERT INTO meta (name, value) VALUES ('turn', '0');

-- Why no letter may go to this person until they act again: empty, or bounce, complaint, stop.
ALTER TABLE person ADD COLUMN stopped TEXT NOT NULL DEFAULT '';

CREATE TABLE thread (
  id BIGINT NOT NULL PRIMARY KEY, slot BIGINT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL,
  person BIGINT NOT NULL, assigned TEXT NOT NULL, snoozed_day BIGINT NOT NULL, messages BIGINT NOT NULL,
  opened_day BIGINT NOT NULL, touched_day BIGINT NOT NULL, closed_day BIGINT NOT NULL, turn BIGINT NOT NULL,
  licence BIGINT NOT NULL, linked BIGINT NOT NULL, last_act BIGINT NOT NULL, last_act_day BIGINT NOT NULL,
  letters_since_act BIGINT NOT NULL, verified BIGINT NOT NULL, stopped TEXT NOT NULL, subject BYTES NOT NULL,
  contact BYTES NOT NULL, tags BYTES NOT NULL, mark BYTES NOT NULL);
CREATE UNIQUE INDEX thread_slot ON thread (slot);
CREATE UNIQUE INDEX thread_turn ON thread (turn);
CREATE INDEX thread_person ON thread (person) WHERE person > 0;
CREATE INDEX thread_linked ON thread (linked) WHERE linked > 0;
CREATE INDEX thread_state ON thread (state, turn);
CREATE INDEX thread_assigned ON thread (assigned, turn) WHERE state = 'open';
CREATE INDEX thread_snoozed ON thread (turn) WHERE snoozed_day > 0;
CREATE INDEX thread_closed ON thread (closed_day) WHERE closed_day > 0;

CREATE TABLE message (
  id BIGINT NOT NULL PRIMARY KEY, thread BIGINT NOT NULL, slot BIGINT NOT NULL, n BIGINT NOT NULL,
  day BIGINT NOT NULL, kind TEXT NOT NULL, via TEXT NOT NULL, who TEXT NOT NULL, act BIGINT NOT NULL,
  body BYTES NOT NULL, UNIQUE (thread, n));
CREATE INDEX message_slot ON message (slot);

-- A file is loose while it has no message.
CREATE TABLE attachment (
  id BIGINT NOT NULL PRIMARY KEY, message BIGINT NOT NULL, thread BIGINT NOT NULL, slot BIGINT NOT NULL,
  n BIGINT NOT NULL, day BIGINT NOT NULL, size BIGINT NOT NULL, kind TEXT NOT NULL, name BYTES NOT NULL);
CREATE INDEX attachment_message ON attachment (message);
CREATE INDEX attachment_slot ON attachment (slot);
CREATE INDEX attachment_loose ON attachment (day) WHERE message = 0;

CREATE TABLE chunk (
  attachment BIGINT NOT NULL, n BIGINT NOT NULL, slot BIGINT NOT NULL, bytes BYTES NOT NULL,
  PRIMARY KEY (attachment, n));
CREATE INDEX chunk_slot ON chunk (slot);

CREATE TABLE way (
  tag BYTES NOT NULL PRIMARY KEY, thread BIGINT NOT NULL, slot BIGINT NOT NULL, kind TEXT NOT NULL,
  expires_day BIGINT NOT NULL);
CREATE INDEX way_slot ON way (slot);
CREATE INDEX way_expires ON way (expires_day) WHERE expires_day > 0;

CREATE TABLE taken (tag BYTES NOT NULL PRIMARY KEY, slot BIGINT NOT NULL, day BIGINT NOT NULL);
CREATE INDEX taken_slot ON taken (slot);
CREATE INDEX taken_day ON taken (day);

CREATE TABLE canned (name TEXT NOT NULL PRIMARY KEY, body TEXT NOT NULL);

CREATE TABLE api_token (
  tag BYTES NOT NULL PRIMARY KEY, name TEXT NOT NULL UNIQUE, staff TEXT NOT NULL, scopes TEXT NOT NULL,
  made_day BIGINT NOT NULL, expires_day BIGINT NOT NULL);
