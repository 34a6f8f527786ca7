DROP TABLE rulebook_proposals;
