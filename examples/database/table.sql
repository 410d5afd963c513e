-- one row per message and recipient, with the values that decided its state
CREATE TABLE IF NOT EXISTS messages (
	message_id     text,
	recipient      text,
	state          text NOT NULL,
	certainty      smallint NOT NULL,
	date           timestamptz,
	-- compared byte by byte, as supersedes() does
	mm_status      text COLLATE "C" NOT NULL,
	transaction_id text COLLATE "C" NOT NULL,
	received_at    timestamptz NOT NULL,
	PRIMARY KEY (message_id, recipient)
);
