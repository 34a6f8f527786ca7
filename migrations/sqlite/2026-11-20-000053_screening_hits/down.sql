DROP TABLE screening_hits;
