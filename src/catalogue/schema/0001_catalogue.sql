-- Counts up with every change; a writer states the number it has seen.
CREATE TABLE catalogue_revision (
  one {{long}} NOT NULL PRIMARY KEY,
  revision {{long}} NOT NULL
);
INSERT INTO catalogue_revision (one, revision) VALUES (1, 1);

CREATE TABLE catalogue_venue (
  id {{id}} NOT NULL PRIMARY KEY,
  name {{text 200}} NOT NULL,
  address {{text 500}} NOT NULL,
  utc_offset_minutes {{long}} NOT NULL
);

CREATE TABLE catalogue_hall (
  id {{id}} NOT NULL PRIMARY KEY,
  venue_id {{id}} NOT NULL,
  name {{text 200}} NOT NULL,
  plan_version {{text 32}} NOT NULL,
  stage_x {{long}} NOT NULL,
  stage_y {{long}} NOT NULL,
  stage_width {{long}} NOT NULL,
  stage_height {{long}} NOT NULL,
  stage_label {{text 60}} NOT NULL
);

-- A row of chairs per line: seats are always read together, never one by one.
CREATE TABLE catalogue_seat_row (
  hall_id {{id}} NOT NULL,
  position {{long}} NOT NULL,
  section_id {{text 24}} NOT NULL,
  section_name {{text 60}} NOT NULL,
  label {{text 60}} NOT NULL,
  seats {{big text}} NOT NULL,
  PRIMARY KEY (hall_id, position)
);

CREATE TABLE catalogue_performer (
  id {{id}} NOT NULL PRIMARY KEY,
  name {{text 200}} NOT NULL
);

CREATE TABLE catalogue_show (
  id {{id}} NOT NULL PRIMARY KEY,
  kind {{text 16}} NOT NULL,
  title {{text 200}} NOT NULL,
  summary {{text 1000}} NOT NULL,
  description {{big text}} NOT NULL,
  age_rating {{text 16}} NOT NULL,
  running_minutes {{long}} NOT NULL,
  room {{text 64}}
);

CREATE TABLE catalogue_poster (
  show_id {{id}} NOT NULL PRIMARY KEY,
  svg {{blob}} NOT NULL
);

CREATE TABLE catalogue_cast (
  show_id {{id}} NOT NULL,
  position {{long}} NOT NULL,
  performer_id {{id}} NOT NULL,
  role {{text 200}} NOT NULL,
  PRIMARY KEY (show_id, position)
);

CREATE TABLE catalogue_performance (
  id {{id}} NOT NULL PRIMARY KEY,
  show_id {{id}} NOT NULL,
  hall_id {{id}} NOT NULL,
  starts_at {{long}} NOT NULL,
  sale_opens_at {{long}} NOT NULL,
  currency {{text 3}} NOT NULL
);
CREATE INDEX catalogue_performance_show ON catalogue_performance (show_id, starts_at);

CREATE TABLE catalogue_price (
  performance_id {{id}} NOT NULL,
  grade {{text 16}} NOT NULL,
  price {{long}} NOT NULL,
  PRIMARY KEY (performance_id, grade)
);
